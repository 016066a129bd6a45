import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openssl } from './tools.ts';

/** A certificate and its key: the files, and what is in them. */
export interface Issued {
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: string;
  readonly key: string;
}

const ANY_CURVE = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** An authority in a folder of its own, made with `openssl`. */
export class Authority {
  readonly folder = mkdtempSync(join(tmpdir(), 'authority-'));
  readonly caFile = this.#file('ca', 'crt');
  /** Its own certificate, signed by itself. */
  readonly own: Issued;
  readonly #openssl = openssl().path;

  constructor() {
    const key = this.#file('ca', 'key');
    const subject = ['-subj', '/CN=test authority', '-days', '2'];
    this.#run(['req', '-x509', ...ANY_CURVE, '-keyout', key, ...subject, '-out', this.caFile]);
    this.own = this.#read('ca');
  }

  get ca(): string {
    return this.own.cert;
  }

  /**
   * @param names the Subject Alternative Names, each as `DNS:localhost` or `IP:127.0.0.1`
   * @param days how long it is valid; below 0 it has expired
   */
  issue(name: string, names: readonly string[] = ['DNS:localhost', 'IP:127.0.0.1'], days = 1): Issued {
    const [request, extensions] = [this.#file(name, 'csr'), this.#file(name, 'ext')];
    const lines = names.map((each, index) => each.replace(':', `.${index} = `));
    writeFileSync(extensions, ['subjectAltName = @names', '[names]', ...lines, ''].join('\n'));
    const subject = ['-subj', `/CN=${name}`];
    this.#run(['req', ...ANY_CURVE, '-keyout', this.#file(name, 'key'), ...subject, '-out', request]);
    const authority = ['-CA', this.caFile, '-CAkey', this.own.keyFile, '-CAcreateserial'];
    const validity = ['-days', String(days), '-extfile', extensions];
    this.#run(['x509', '-req', '-in', request, ...authority, ...validity, '-out', this.#file(name, 'crt')]);
    return this.#read(name);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #file(name: string, kind: string): string {
    return join(this.folder, `${name}.${kind}`);
  }

  #read(name: string): Issued {
    const [certFile, keyFile] = [this.#file(name, 'crt'), this.#file(name, 'key')];
    return { certFile, keyFile, cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
  }

  #run(args: readonly string[]): void {
    execFileSync(this.#openssl, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  }
}

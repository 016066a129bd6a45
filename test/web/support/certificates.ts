import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openssl } from '../../support/tools.ts';

/** A certificate and its key: the files, and what is in them. */
export interface Issued {
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: string;
  readonly key: string;
}

/** An authority of our own in a folder of its own, as `openssl` makes them. */
export class Authority {
  readonly folder = mkdtempSync(join(tmpdir(), 'authority-'));
  readonly caFile = join(this.folder, 'ca.crt');
  readonly ca: string;
  readonly #openssl = openssl().path;

  constructor() {
    const key = join(this.folder, 'ca.key');
    this.#run(['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', key]);
    this.#run([
      'req',
      '-x509',
      '-key',
      key,
      '-subj',
      '/CN=test authority',
      '-days',
      '2',
      '-out',
      this.caFile,
    ]);
    this.ca = readFileSync(this.caFile, 'utf8');
  }

  /** @param names the Subject Alternative Names, each as `DNS:localhost` or `IP:127.0.0.1` */
  issue(name: string, names: readonly string[] = ['DNS:localhost', 'IP:127.0.0.1']): Issued {
    const file = (kind: string): string => join(this.folder, `${name}.${kind}`);
    const lines = names.map((each, index) => each.replace(':', `.${index} = `));
    writeFileSync(file('ext'), ['subjectAltName = @names', '[names]', ...lines, ''].join('\n'));
    this.#run(['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', file('key')]);
    this.#run(['req', '-new', '-key', file('key'), '-subj', `/CN=${name}`, '-out', file('csr')]);
    this.#run(
      ['x509', '-req', '-in', file('csr'), '-CA', this.caFile, '-CAkey', join(this.folder, 'ca.key')].concat([
        '-CAcreateserial',
        '-days',
        '1',
        '-extfile',
        file('ext'),
        '-out',
        file('crt'),
      ]),
    );
    return {
      certFile: file('crt'),
      keyFile: file('key'),
      cert: readFileSync(file('crt'), 'utf8'),
      key: readFileSync(file('key'), 'utf8'),
    };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #run(args: readonly string[]): void {
    execFileSync(this.#openssl, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  }
}

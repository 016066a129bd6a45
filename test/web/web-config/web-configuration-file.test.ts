import fs, { rmSync, symlinkSync, utimesSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { connect } from 'node:tls';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { Authority, type Issued } from '../../support/certificates.ts';
import { openssl } from '../../support/tools.ts';
import { type Started, start } from '../support/start.ts';
import { HORSE, HUNTER, WebConfigFile } from '../support/web-config.ts';

const refusals = ({ logger }: Started): unknown[] => logger.of('warn').map(({ fields }) => fields['reason']);

describe('changed users', () => {
  const statusOf = async ({ origin }: Started, user: string, password: string): Promise<number> =>
    (await request(origin).get('/metrics').auth(user, password)).status;

  it('take effect after a second', async () => {
    const file = new WebConfigFile(`basic_auth_users: {a: ${HUNTER}}`);
    const server = await start({}, { webConfigFile: file.path });
    expect(await statusOf(server, 'a', 'hunter2')).toBe(200);
    file.write(`basic_auth_users: {a: ${HORSE}}`);
    server.clock.advance(999);
    expect(await statusOf(server, 'a', 'hunter2')).toBe(200);
    server.clock.advance(1);
    expect(await statusOf(server, 'a', 'hunter2')).toBe(401);
    server.clock.advance(1_000);
    expect(await statusOf(server, 'a', 'correct horse')).toBe(200);
    expect(server.logger.of('info').slice(1)).toEqual([
      { level: 'info', message: 'web configuration loaded', fields: { file: file.path } },
    ]);
  });

  it('do not replace the old ones while the file is empty, broken or missing; each is logged once', async () => {
    const file = new WebConfigFile(`basic_auth_users: {a: ${HUNTER}}`);
    const server = await start({}, { webConfigFile: file.path });
    const askFor = async (seconds: number): Promise<void> => {
      for (let second = 0; second < seconds; second++) {
        server.clock.advance(1_000);
        expect(await statusOf(server, 'a', 'hunter2')).toBe(200);
      }
    };
    for (const text of ['', 'basic_auth_users: {a: plain}\nx: 1']) {
      file.write(text);
      await askFor(2);
      // A new modification time, but the same content.
      utimesSync(file.path, 1, 1);
      await askFor(2);
    }
    rmSync(file.path);
    await askFor(3);
    expect(refusals(server)).toEqual([
      `${file.path}:1: is empty: write {} to configure nothing`,
      expect.stringMatching(/:1: basic_auth_users\.a: is not a bcrypt hash.*; .*:2: x: unknown key/),
      expect.stringContaining('ENOENT'),
    ]);
    file.write(`basic_auth_users: {b: ${HORSE}}`);
    server.clock.advance(1_000);
    expect(await statusOf(server, 'a', 'hunter2')).toBe(401);
    expect(await statusOf(server, 'b', 'correct horse')).toBe(200);
  });

  it('are read again after a temporary failure', async () => {
    const file = new WebConfigFile(`basic_auth_users: {a: ${HUNTER}}`);
    const server = await start({}, { webConfigFile: file.path });
    file.write(`basic_auth_users: {a: ${HORSE}}`);
    const read = vi.spyOn(fs, 'readFileSync').mockImplementationOnce(() => {
      throw new Error('EMFILE: too many open files');
    });
    syncBuiltinESMExports();
    onTestFinished(() => {
      read.mockRestore();
      syncBuiltinESMExports();
    });
    server.clock.advance(1_000);
    expect(await statusOf(server, 'a', 'hunter2')).toBe(200);
    server.clock.advance(1_000);
    expect(await statusOf(server, 'a', 'correct horse')).toBe(200);
    expect(refusals(server)).toEqual([expect.stringContaining('EMFILE')]);
  });

  it.each(['by a request', 'by a signal'])('take effect at once with a reload %s', async (way) => {
    const file = new WebConfigFile(`basic_auth_users: {a: ${HUNTER}}`);
    let reloads = 0;
    const server = await start(
      { reload: async () => void reloads++ },
      { webConfigFile: file.path, enableLifecycle: true },
    );
    const reload = async (password: string): Promise<void> => {
      if (way === 'by a signal') await server.web.reload();
      else await request(server.origin).post('/-/reload').auth('a', password).expect(200);
    };
    file.write(`basic_auth_users: {a: ${HORSE}}`);
    await reload('hunter2');
    expect(await statusOf(server, 'a', 'hunter2')).toBe(401);
    file.write('basic_auth_users: {a: plain}');
    // A refusal is logged for each reload.
    await reload('correct horse');
    await reload('correct horse');
    expect(refusals(server)).toHaveLength(2);
    expect(reloads).toBe(3);
  });
});

describe.skipIf(openssl().missing)('changed certificates', () => {
  let authority: Authority;
  let first: Issued;
  let second: Issued;
  let client: Issued;
  beforeAll(() => {
    authority = new Authority();
    first = authority.issue('first');
    second = authority.issue('second');
    client = authority.issue('client');
  });
  afterAll(() => authority.remove());

  const shownBy = ({ port }: Started): Promise<string | string[] | undefined> =>
    new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca: authority.ca }, () => {
        resolve(socket.getPeerCertificate().subject.CN);
        socket.destroy();
      });
      socket.on('error', reject);
    });

  it('are used for the next connection, also behind symbolic links, once the key matches', async () => {
    const file = new WebConfigFile('tls_server_config: {cert_file: tls.crt, key_file: tls.key}', (folder) => {
      symlinkSync(first.certFile, join(folder, 'tls.crt'));
      symlinkSync(first.keyFile, join(folder, 'tls.key'));
    });
    const link = (target: string, name: string): void => {
      rmSync(join(file.folder, name));
      symlinkSync(target, join(file.folder, name));
    };
    const server = await start({}, { webConfigFile: file.path });
    expect(await shownBy(server)).toBe('first');
    link(second.certFile, 'tls.crt');
    for (const _second of [1, 2, 3]) {
      server.clock.advance(1_000);
      expect(await shownBy(server)).toBe('first');
    }
    expect(refusals(server)).toEqual([
      `${file.path}:1: tls_server_config.key_file: does not belong to the certificate`,
    ]);
    link(second.keyFile, 'tls.key');
    server.clock.advance(1_000);
    expect(await shownBy(server)).toBe('second');
  });

  it('of clients are checked by the current file', async () => {
    const tls = (more: string): string =>
      `tls_server_config: {cert_file: ${first.certFile}, key_file: ${first.keyFile}, ${more}}`;
    const file = new WebConfigFile(tls('client_auth_type: RequestClientCert'));
    const server = await start({}, { webConfigFile: file.path });
    const scrape = (own?: Issued) => {
      const asked = request(server.origin).get('/metrics').ca(authority.ca);
      return (own === undefined ? asked : asked.cert(own.cert).key(own.key)).expect(200);
    };
    await scrape();
    file.write(tls(`client_auth_type: RequireAndVerifyClientCert, client_ca_file: ${authority.caFile}`));
    server.clock.advance(1_000);
    await expect(scrape()).rejects.toThrow();
    await scrape(client);
    const other = new Authority();
    file.write(tls(`client_auth_type: RequireAndVerifyClientCert, client_ca_file: ${other.caFile}`));
    server.clock.advance(1_000);
    await expect(scrape(client)).rejects.toThrow();
    other.remove();
  });

  it.each([
    ['{}', 'tls_server_config: {CERTIFICATE}', 'turning TLS on needs a restart'],
    ['tls_server_config: {CERTIFICATE}', '{}', 'turning TLS off needs a restart'],
    [
      'tls_server_config: {CERTIFICATE}',
      'tls_server_config: {CERTIFICATE, client_auth_type: RequestClientCert}',
      'changing client_auth_type from or to NoClientCert needs a restart',
    ],
  ])('that need a restart are refused: %s, then %s', async (old, changed, reason) => {
    const filled = (text: string): string =>
      text.replace('CERTIFICATE', `cert_file: ${first.certFile}, key_file: ${first.keyFile}`);
    const file = new WebConfigFile(filled(old));
    const server = await start({}, { webConfigFile: file.path });
    file.write(filled(changed));
    for (const _second of [1, 2]) {
      server.clock.advance(1_000);
      await request(server.origin).get('/metrics').ca(authority.ca).expect(200);
    }
    expect(refusals(server)).toEqual([reason]);
  });
});

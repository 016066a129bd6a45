import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  LONGEST_UNREST,
  SETTLING_TIME,
  WATCH_INTERVAL,
} from '../../../src/web/access/web-configuration-watch.ts';
import { openssl } from '../../support/tools.ts';
import { eventually } from '../../support/until.ts';
import { Authority, type Issued } from '../support/certificates.ts';
import { ask } from '../support/http.ts';
import { type LogLine, type Started, start } from '../support/start.ts';
import { WebConfigFile } from '../support/web-config.ts';

const HUNTER = '$2b$04$M6EbEi6dkuumv1/9J9mZi.jX3ROenv5TFtU5hSiH3cHD8Ay6KMpd6';
const HORSE = '$2b$04$kvqbTE523q2kYqoaaHZEkOgx8X9JNtrgUI9VPlKSIoTA8x1rqU1MO';

/** Lets the watch look at its files, so many times, and waits until it has. */
async function look({ clock }: Started, times = 2, interval = WATCH_INTERVAL): Promise<void> {
  for (let time = 0; time < times; time++) {
    await eventually(() => clock.pendingTimers).toBe(1);
    clock.advance(interval);
    await eventually(() => clock.pendingTimers).toBe(1);
  }
}

const notTaken = (file: WebConfigFile, reason: string): LogLine => ({
  level: 'warn',
  message: 'changed web configuration not taken, the old one stays at work',
  fields: { file: file.path, reason },
});

describe('users', () => {
  const statusOf = async ({ port }: Started, auth: string): Promise<number> =>
    (await ask(port, '/metrics', { auth })).status;

  it('are read anew when the file has changed and stands still, and old passwords are forgotten', async () => {
    const file = new WebConfigFile(`basic_auth_users: {a: ${HUNTER}}`);
    const server = await start({}, { webConfigFile: file.path });
    expect(await statusOf(server, 'a:hunter2')).toBe(200);
    file.write(`basic_auth_users: {a: ${HORSE}}`);
    await look(server, 1, WATCH_INTERVAL - 1);
    await look(server, 1, 1);
    expect(await statusOf(server, 'a:hunter2')).toBe(200);
    await look(server, 1, SETTLING_TIME - 1);
    expect(await statusOf(server, 'a:hunter2')).toBe(200);
    await look(server, 1, 1);
    expect(await statusOf(server, 'a:hunter2')).toBe(401);
    expect(WATCH_INTERVAL + SETTLING_TIME).toBeLessThan(1_000);
    expect(await statusOf(server, 'a:correct horse')).toBe(200);
    expect(server.logger.of('info').slice(1)).toEqual([
      {
        level: 'info',
        message: 'web configuration read anew',
        fields: { file: file.path, tls: false, users: 1 },
      },
    ]);
  });

  it('are not read from a file that is still being written', async () => {
    const file = new WebConfigFile(`basic_auth_users: {a: ${HUNTER}}`);
    const server = await start({}, { webConfigFile: file.path });
    for (const text of ['', 'basic_auth_', 'basic_auth_users: {}']) {
      writeFileSync(file.path, text);
      await look(server, 1);
    }
    writeFileSync(file.path, `basic_auth_users: {a: ${HORSE}} # whole`);
    await look(server, 1);
    expect(await statusOf(server, 'a:hunter2')).toBe(200);
    await look(server, 1);
    expect(await statusOf(server, 'a:correct horse')).toBe(200);
    expect(server.logger.of('warn')).toEqual([]);
  });

  it('stay as they are while the file is broken or gone, which is told once', async () => {
    const file = new WebConfigFile(`basic_auth_users: {a: ${HUNTER}}`);
    const server = await start({}, { webConfigFile: file.path });
    file.write('basic_auth_users: {a: plain}');
    await look(server, 5);
    rmSync(file.path);
    await look(server, 5);
    expect(await statusOf(server, 'a:hunter2')).toBe(200);
    expect(server.logger.of('warn')).toEqual([
      notTaken(
        file,
        `${file.path}:1: basic_auth_users.a: is no bcrypt hash: a password itself must not stand here; make a hash with htpasswd -nBC 10 ""`,
      ),
      notTaken(file, `${file.path}:1: web configuration file: it does not exist`),
    ]);
    file.write(`basic_auth_users: {b: ${HORSE}}`);
    await look(server);
    expect(await statusOf(server, 'a:hunter2')).toBe(401);
    expect(await statusOf(server, 'b:correct horse')).toBe(200);
  });

  it('are read anew from a file that is touched all the time, and a broken one is told once', async () => {
    const file = new WebConfigFile(`basic_auth_users: {a: ${HUNTER}}`);
    const server = await start({}, { webConfigFile: file.path });
    for (const text of [`basic_auth_users: {a: ${HORSE}}`, 'basic_auth_users: {a: plain}']) {
      for (let time = 0; time < 6; time++) {
        file.write(text);
        await look(server, 1);
      }
      expect(await statusOf(server, 'a:correct horse')).toBe(200);
    }
    expect(server.logger.of('info')).toHaveLength(2);
    expect(server.logger.of('warn')).toHaveLength(1);
  });

  it('are read anew in the end from a file that is another one at each look', async () => {
    const file = new WebConfigFile(`basic_auth_users: {a: ${HUNTER}}`);
    const server = await start({}, { webConfigFile: file.path });
    const started = server.clock.monotonicTime();
    while (server.clock.monotonicTime() - started < WATCH_INTERVAL + LONGEST_UNREST) {
      expect(server.logger.of('info')).toHaveLength(1);
      file.write(`basic_auth_users: {a: ${HORSE}} # ${server.clock.monotonicTime()}`);
      await look(server, 1);
    }
    expect(await statusOf(server, 'a:correct horse')).toBe(200);
  });

  it.each(['by a request', 'by a signal'])(
    'are read anew at once where a reload asks for it: %s',
    async (way) => {
      const file = new WebConfigFile(`basic_auth_users: {a: ${HUNTER}}`);
      let reloads = 0;
      const server = await start(
        { reload: async () => void reloads++ },
        { webConfigFile: file.path, enableLifecycle: true },
      );
      const reload = async (auth: string): Promise<void> => {
        if (way === 'by a signal') await server.web.reload();
        else expect((await ask(server.port, '/-/reload', { method: 'PUT', auth })).status).toBe(200);
      };
      file.write(`basic_auth_users: {a: ${HORSE}}`);
      await reload('a:hunter2');
      expect(await statusOf(server, 'a:hunter2')).toBe(401);
      expect(await statusOf(server, 'a:correct horse')).toBe(200);
      file.write('basic_auth_users: {a: plain}');
      await reload('a:correct horse');
      await reload('a:correct horse');
      await look(server, 3);
      expect(server.logger.of('warn')).toHaveLength(1);
      expect(server.logger.of('info')).toHaveLength(2);
      expect(reloads).toBe(3);
    },
  );

  it('are no longer looked at once the server closes', async () => {
    const file = new WebConfigFile('{}');
    const server = await start({}, { webConfigFile: file.path });
    await look(server);
    await server.web.close(0);
    expect(server.clock.pendingTimers).toBe(0);
  });
});

describe.skipIf(openssl().missing)('certificates', () => {
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

  const shownBy = ({ port }: Started): Promise<string | undefined> =>
    new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca: authority.ca }, () => {
        const { CN } = socket.getPeerCertificate().subject;
        socket.destroy();
        resolve(Array.isArray(CN) ? CN[0] : CN);
      });
      socket.on('error', reject);
    });

  it('are read anew, also behind a link, and stay while the key does not match', async () => {
    const file = new WebConfigFile('tls_server_config: {cert_file: tls.crt, key_file: tls.key}', (folder) => {
      symlinkSync(first.certFile, join(folder, 'tls.crt'));
      symlinkSync(first.keyFile, join(folder, 'tls.key'));
    });
    const server = await start({}, { webConfigFile: file.path });
    expect(await shownBy(server)).toBe('first');
    rmSync(join(file.folder, 'tls.crt'));
    symlinkSync(second.certFile, join(file.folder, 'tls.crt'));
    await look(server, 3);
    expect(await shownBy(server)).toBe('first');
    expect(server.logger.of('warn')).toEqual([
      notTaken(file, `${file.path}:1: tls_server_config.key_file: is not the key of the certificate`),
    ]);
    rmSync(join(file.folder, 'tls.key'));
    symlinkSync(second.keyFile, join(file.folder, 'tls.key'));
    await look(server);
    expect(await shownBy(server)).toBe('second');
  });

  it('of clients are judged by what the file says now', async () => {
    const tls = (more: string): string =>
      `tls_server_config: {cert_file: ${first.certFile}, key_file: ${first.keyFile}, ${more}}`;
    const file = new WebConfigFile(tls('client_auth_type: RequestClientCert'));
    const server = await start({}, { webConfigFile: file.path });
    const scrape = async (own?: Issued): Promise<number> =>
      (
        await ask(server.port, '/metrics', {
          tls: { ca: authority.ca, ...(own === undefined ? {} : { cert: own.cert, key: own.key }) },
        })
      ).status;
    expect(await scrape()).toBe(200);
    file.write(tls(`client_auth_type: RequireAndVerifyClientCert, client_ca_file: ${authority.caFile}`));
    await look(server);
    await expect(scrape()).rejects.toThrow();
    expect(await scrape(client)).toBe(200);
    const other = new Authority();
    file.write(tls(`client_auth_type: RequireAndVerifyClientCert, client_ca_file: ${other.caFile}`));
    await look(server);
    await expect(scrape(client)).rejects.toThrow();
    other.remove();
  });

  it.each([
    ['{}', 'TLS is switched off, which needs a restart'],
    [
      'tls_server_config: {CERTIFICATE, client_auth_type: RequestClientCert}',
      'client_auth_type changes from or to NoClientCert, which needs a restart',
    ],
  ])('keep what only a restart can change: %s', async (text, reason) => {
    const certificate = `cert_file: ${first.certFile}, key_file: ${first.keyFile}`;
    const file = new WebConfigFile(`tls_server_config: {${certificate}}`);
    const server = await start({}, { webConfigFile: file.path });
    file.write(text.replace('CERTIFICATE', certificate));
    await look(server, 4);
    expect(await shownBy(server)).toBe('first');
    expect(server.logger.of('warn')).toEqual([notTaken(file, reason)]);
  });

  it('cannot be switched on without a restart', async () => {
    const file = new WebConfigFile('{}');
    const server = await start({}, { webConfigFile: file.path });
    file.write(`tls_server_config: {cert_file: ${first.certFile}, key_file: ${first.keyFile}}`);
    await look(server);
    expect((await ask(server.port, '/metrics')).status).toBe(200);
    expect(server.logger.of('warn')).toEqual([notTaken(file, 'TLS is switched on, which needs a restart')]);
  });
});

import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { hashSync } from 'bcryptjs';
import { afterEach, describe, expect, it } from 'vitest';
import { Folder, Program, run } from '../support/program.ts';
import { openssl } from '../support/tools.ts';
import { Authority } from '../web/support/certificates.ts';

const tool = openssl();

describe.skipIf(tool.missing)('the built program with a web configuration file', () => {
  const cleanups: (() => unknown)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  function prepare(): { readonly authority: Authority; readonly folder: Folder } {
    const authority = new Authority();
    const folder = new Folder();
    cleanups.push(
      () => authority.remove(),
      () => folder.remove(),
    );
    return { authority, folder };
  }

  it('serves over TLS to who has the password, and the health checks to everybody', async () => {
    const { authority, folder } = prepare();
    const { certFile, keyFile } = authority.issue('exporter');
    const file = folder.write(
      'web.yml',
      `tls_server_config: {cert_file: ${certFile}, key_file: ${keyFile}}\nbasic_auth_users: {prometheus: ${hashSync('open sesame', 4)}}\n`,
    );
    const program = new Program(['--demo', '--web.listen-address=127.0.0.1:0', `--web.config.file=${file}`]);
    cleanups.push(() => program.stop('SIGKILL'));
    const origin = (await program.origin()).replace('http:', 'https:');
    await program.logged(/first headcount/u, 3);
    const ask = (path: string, password?: string): Promise<IncomingMessage> =>
      new Promise((resolve, reject) => {
        const auth = password === undefined ? {} : { auth: `prometheus:${password}` };
        request(`${origin}${path}`, { ca: authority.ca, agent: false, ...auth }, resolve)
          .on('error', reject)
          .end();
      });

    const refused = await ask('/metrics');
    expect(refused.statusCode).toBe(401);
    expect(refused.headers['www-authenticate']).toMatch(/^Basic realm=/u);
    expect(await text(refused)).not.toContain('dingtalk_employees');
    expect((await ask('/', 'wrong')).statusCode).toBe(401);
    expect((await ask('/nothing')).statusCode).toBe(401);
    expect((await ask('/-/reload')).statusCode).toBe(401);
    expect((await ask('/-/healthy')).statusCode).toBe(200);
    expect((await ask('/-/ready')).statusCode).toBe(200);
    const metrics = await ask('/metrics', 'open sesame');
    expect(metrics.statusCode).toBe(200);
    expect(await text(metrics)).toContain('dingtalk_employees{');
    expect((await program.stop()).code).toBe(0);
    expect(program.stderr).not.toContain('open sesame');
  });

  it.each([
    [
      'a key that does not match',
      (own: string, other: string) => `tls_server_config: {cert_file: ${own}.crt, key_file: ${other}.key}`,
      /web\.yml:1: tls_server_config/u,
    ],
    [
      'broken PEM',
      (own: string) => `tls_server_config: {cert_file: ${own}.csr, key_file: ${own}.key}`,
      /web\.yml:1: tls_server_config/u,
    ],
    [
      'a plain password',
      () => 'basic_auth_users: {prometheus: open-sesame}',
      /web\.yml:1: basic_auth_users/u,
    ],
    ['an unknown key', () => 'tls_server_conf: {}', /web\.yml:1: tls_server_conf/u],
  ])('ends with 2 for %s, at start and in the check', async (_title, text, said) => {
    const { authority, folder } = prepare();
    authority.issue('own');
    authority.issue('other');
    const file = folder.write('web.yml', text(`${authority.folder}/own`, `${authority.folder}/other`));
    const started = await run(['--demo', '--web.listen-address=127.0.0.1:0', `--web.config.file=${file}`]);
    const checked = await run(['--config.check', `--web.config.file=${file}`], {
      DINGTALK_CLIENT_ID: 'ding',
      DINGTALK_CLIENT_SECRET: 'secret',
    });
    for (const ended of [started, checked]) {
      expect(ended.code).toBe(2);
      const printed = ended.stdout + ended.stderr;
      expect(printed).toMatch(said);
      expect(printed).not.toContain('listening');
      expect(printed).not.toContain('open-sesame');
      expect(printed).not.toMatch(/^\s+at /mu);
    }
  });
});

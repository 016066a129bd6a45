import { Agent, get } from 'node:http';
import { hashSync } from 'bcryptjs';
import request from 'supertest';
import { afterEach, describe, expect, it } from 'vitest';
import { Authority } from '../support/certificates.ts';
import { Folder, Program, run } from '../support/program.ts';
import { openssl } from '../support/tools.ts';
import { eventually } from '../support/until.ts';

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
    const ask = (path: string) => request(origin).get(path).ca(authority.ca);

    const refused = await ask('/metrics')
      .expect(401)
      .expect('WWW-Authenticate', /^Basic realm=/u);
    expect(refused.text).not.toContain('dingtalk_employees');
    await ask('/').auth('prometheus', 'wrong').expect(401);
    await ask('/nothing').expect(401);
    await ask('/-/reload').expect(401);
    await ask('/-/healthy').expect(200);
    await ask('/-/ready').expect(200);
    const metrics = await ask('/metrics').auth('prometheus', 'open sesame').expect(200);
    expect(metrics.text).toContain('dingtalk_employees{');
    expect((await program.stop()).code).toBe(0);
    expect(program.stderr).not.toContain('open sesame');
  });

  it('lets a right password through a flood of wrong ones from another address', async () => {
    const { folder } = prepare();
    const file = folder.write('web.yml', `basic_auth_users: {prometheus: ${hashSync('open sesame', 6)}}\n`);
    const program = new Program(['--demo', '--web.listen-address=127.0.0.1:0', `--web.config.file=${file}`]);
    cleanups.push(() => program.stop('SIGKILL'));
    const origin = await program.origin();
    const agent = new Agent({ keepAlive: true });
    cleanups.push(() => agent.destroy());
    const statusOf = (password: string, localAddress: string): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        get(`${origin}/metrics`, { agent, localAddress, auth: `prometheus:${password}` }, (response) => {
          response.resume().on('end', () => resolve(response.statusCode));
        }).on('error', reject);
      });

    const LIMIT = 10_000;
    let sent = 0;
    let isOver = false;
    const statuses = new Set<number | undefined>();
    const attack = async (): Promise<void> => {
      while (!isOver && sent < LIMIT) {
        statuses.add(await statusOf(`wrong ${sent++}`, '127.0.0.1'));
      }
    };
    const flood = Promise.allSettled(Array.from({ length: 200 }, attack));
    await eventually(() => [...statuses].sort()).toEqual([401, 503]);
    expect(await statusOf('open sesame', '127.0.0.2')).toBe(200);
    expect(sent).toBeLessThan(LIMIT);
    // It is remembered, so that it passes from the address of the flood as well.
    expect(await statusOf('open sesame', '127.0.0.1')).toBe(200);
    isOver = true;
    agent.destroy();
    await flood;
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
  ])('ends with 2 for %s', async (_title, text, said) => {
    const { authority, folder } = prepare();
    authority.issue('own');
    authority.issue('other');
    const file = folder.write('web.yml', text(`${authority.folder}/own`, `${authority.folder}/other`));
    const ended = await run(['--demo', '--web.listen-address=127.0.0.1:0', `--web.config.file=${file}`]);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toMatch(said);
    expect(ended.stderr).not.toContain('listening');
    expect(ended.stderr).not.toContain('open-sesame');
    expect(ended.stderr).not.toMatch(/^\s+at /mu);
  });
});

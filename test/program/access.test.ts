import { hashSync } from 'bcryptjs';
import request from 'supertest';
import { expect, it, onTestFinished } from 'vitest';
import { Authority } from '../support/certificates.ts';
import { Folder, Program } from '../support/program.ts';
import { openssl } from '../support/tools.ts';

it.skipIf(openssl().missing)('the built program serves over TLS and requires a password', async () => {
  const authority = new Authority();
  const folder = new Folder();
  onTestFinished(() => {
    authority.remove();
    folder.remove();
  });
  const { certFile, keyFile } = authority.issue('exporter');
  const file = folder.write(
    'web.yml',
    `tls_server_config: {cert_file: ${certFile}, key_file: ${keyFile}}\nbasic_auth_users: {prometheus: ${hashSync('open sesame', 4)}}\n`,
  );
  const program = new Program(['--demo', '--web.listen-address=127.0.0.1:0', `--web.config.file=${file}`]);
  onTestFinished(() => void program.stop('SIGKILL'));
  const origin = (await program.origin()).replace('http:', 'https:');
  await program.logged(/first headcount/u, 3);
  const ask = (path: string) => request(origin).get(path).ca(authority.ca);

  await ask('/metrics').expect(401);
  await ask('/-/ready').expect(200);
  const metrics = await ask('/metrics').auth('prometheus', 'open sesame').expect(200);
  expect(metrics.text).toContain('dingtalk_employees{');
  expect((await program.stop()).code).toBe(0);
  expect(program.stderr).not.toContain('open sesame');
});

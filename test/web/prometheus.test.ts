import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, it, onTestFinished } from 'vitest';
import { openssl, prometheus } from '../support/tools.ts';
import { eventually } from '../support/until.ts';
import { Authority } from './support/certificates.ts';
import { ask } from './support/http.ts';
import { start } from './support/start.ts';
import { WebConfigFile } from './support/web-config.ts';

const HUNTER = '$2b$04$M6EbEi6dkuumv1/9J9mZi.jX3ROenv5TFtU5hSiH3cHD8Ay6KMpd6';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no address');
  return address.port;
}

describe.skipIf(prometheus().missing || openssl().missing)('a real Prometheus', () => {
  it('scrapes with a client certificate and a password', async () => {
    const authority = new Authority();
    onTestFinished(() => authority.remove());
    const own = authority.issue('exporter');
    const scraper = authority.issue('prometheus', ['DNS:prometheus.example.org']);
    const file = new WebConfigFile(`tls_server_config:
  cert_file: ${own.certFile}
  key_file: ${own.keyFile}
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: ${authority.caFile}
  client_allowed_sans: [prometheus.example.org]
basic_auth_users:
  prometheus: ${HUNTER}
`);
    const { port } = await start({}, { webConfigFile: file.path });
    const configuration = join(file.folder, 'prometheus.yml');
    writeFileSync(
      configuration,
      `global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
  - job_name: dingtalk
    scheme: https
    tls_config: {ca_file: ${authority.caFile}, cert_file: ${scraper.certFile}, key_file: ${scraper.keyFile}}
    basic_auth: {username: prometheus, password: hunter2}
    static_configs: [{targets: ['localhost:${port}']}]
`,
    );
    const ownPort = await freePort();
    const child = spawn(
      prometheus().path,
      [
        `--config.file=${configuration}`,
        `--storage.tsdb.path=${join(file.folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${ownPort}`,
      ],
      { stdio: 'ignore' },
    );
    onTestFinished(async () => {
      child.kill('SIGKILL');
      if (child.exitCode === null) await once(child, 'exit');
    });
    const value = async (): Promise<string | undefined> => {
      const { text } = await ask(ownPort, '/api/v1/query?query=dingtalk_employees');
      return /"value":\[[\d.]+,"(\d+)"\]/.exec(text)?.[1];
    };
    await eventually(() => value().catch(() => undefined)).toBe('1200');
  });
});

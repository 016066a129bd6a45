import { hashSync } from 'bcryptjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Authority } from '../support/certificates.ts';
import { derived } from '../support/derived.ts';
import { Endings } from '../support/endings.ts';
import { Folder } from '../support/program.ts';
import { NEWEST_PROMETHEUS, PROMETHEUS_MISSING } from '../support/prometheus-programs.ts';
import { PrometheusServer } from '../support/prometheus-server.ts';
import { Replica } from '../support/replica.ts';
import { openssl } from '../support/tools.ts';
import { eventually } from '../support/until.ts';
import { byOrganization, counts, ORGANIZATIONS, POLL, paced, RULES } from './support/shipped.ts';

describe.skipIf(PROMETHEUS_MISSING || openssl().missing).each(NEWEST_PROMETHEUS)(
  '$title, through TLS, with a client certificate and a password',
  ({ path }) => {
    const PASSWORD = 'correct horse "battery" \\ 电池';
    const endings = new Endings();
    let server: PrometheusServer;

    beforeAll(async () => {
      const authority = new Authority();
      const folder = new Folder();
      endings.add({ stop: () => authority.remove() });
      endings.add({ stop: () => folder.remove() });
      const { certFile, keyFile } = authority.issue('exporter', ['DNS:localhost']);
      const scraper = authority.issue('scraper', ['DNS:prometheus.example.org']);
      const web = folder.write(
        'web.yml',
        `tls_server_config:
  cert_file: ${certFile}
  key_file: ${keyFile}
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: ${authority.caFile}
  client_allowed_sans: [prometheus.example.org]
basic_auth_users: {prometheus: ${hashSync(PASSWORD, 4)}}
`,
      );
      const flags = [`--web.config.file=${web}`];
      const started = await Replica.start({ organizations: ORGANIZATIONS, poll: POLL, flags });
      const replica = endings.add(started);
      const access = (password: string): string =>
        `scheme: https
    tls_config: {ca_file: ${authority.caFile}, cert_file: ${scraper.certFile}, key_file: ${scraper.keyFile}}
    basic_auth: {username: prometheus, password: ${JSON.stringify(password)}}`;
      const target = `static_configs: [{targets: ['localhost:${replica.port}']}]`;
      const configuration = derived(paced(replica.port), {
        '- job_name: dingtalk\n': `- job_name: dingtalk\n    ${access(PASSWORD)}\n`,
      }).concat(`
  - job_name: wrong password
    ${access('wrong')}
    ${target}
  - job_name: no certificate
    scheme: https
    tls_config: {ca_file: ${authority.caFile}}
    basic_auth: {username: prometheus, password: ${JSON.stringify(PASSWORD)}}
    ${target}
  - job_name: unknown authority
    scheme: https
    tls_config: {cert_file: ${scraper.certFile}, key_file: ${scraper.keyFile}}
    basic_auth: {username: prometheus, password: ${JSON.stringify(PASSWORD)}}
    ${target}
  - job_name: plain
    ${target}
`);
      server = endings.add(await PrometheusServer.start({ prometheus: path, configuration, files: RULES }));
    });

    afterAll(() => endings.run());

    it('stores both counts of every organization, and nothing from unauthorized scrapes', async () => {
      const up = async () =>
        Object.fromEntries(
          (await server.instant('up')).map(({ metric, value }) => [metric['job'], value.value]),
        );
      await eventually(up).toEqual({
        dingtalk: 1,
        'wrong password': 0,
        'no certificate': 0,
        'unknown authority': 0,
        plain: 0,
      });
      const read = async (metric: string) =>
        byOrganization(await server.instant(`${metric}{job="dingtalk"}`));
      await eventually(() => read('dingtalk_employees')).toEqual(counts('employees'));
      await eventually(() => read('dingtalk_employees_active')).toEqual(counts('active'));
      expect(await server.instant('{__name__=~"(dingtalk|process|nodejs)_.+", job!="dingtalk"}')).toEqual([]);
    });
  },
);

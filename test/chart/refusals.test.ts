import { afterAll, describe, expect, it } from 'vitest';
import { Folder } from '../support/program.ts';
import { HELMS } from './helm.ts';

const folder = new Folder();
afterAll(() => folder.remove());

/** The error of each Helm for these values. */
function refusals(name: string, values: object): Promise<string[]> {
  const file = folder.write(`${name}.yaml`, JSON.stringify(values));
  return Promise.all(
    HELMS.map((helm) =>
      helm.template(`--values=${file}`).then(
        () => 'nothing',
        (error: { stderr: string }) => error.stderr,
      ),
    ),
  );
}

const SECRET_FILE = '/etc/dingtalk/secrets/acme';
const TLS = { cert_file: '/etc/dingtalk/tls/tls.crt', key_file: '/etc/dingtalk/tls/tls.key' };

describe.skipIf(HELMS.length === 0)('values that contradict each other', () => {
  it.each([
    ['nothing at all', {}, ['config.organizations: is empty: name the organizations']],
    [
      'a demo that polls',
      { demo: true, existingSecret: 'dingtalk' },
      ['demo: does not poll DingTalk: remove it, or'],
    ],
    [
      'many at once',
      {
        config: {
          organizations: [
            { name: 'a', client_secret_file: SECRET_FILE },
            { name: 'b', access_token: 'hidden' },
          ],
        },
        shards: 3,
        replicaCount: 2,
        service: { type: 'NodePort' },
        webConfig: { config: { tls_server_config: TLS, basic_auth_users: { a: '$2y$10$hidden' } } },
        serviceMonitor: { enabled: true },
        podMonitor: { enabled: true, basicAuth: { username: {} }, tlsConfig: { serverName: 'a' } },
        extraArgs: ['--shard=0/2'],
        prometheusRule: { enabled: true, disabled: ['DingTalkDown'] },
      },
      [
        'config.organizations[1].access_token: would be readable in a ConfigMap: put the secret into a Secret, name that in existingSecret, and write access_token_file:',
        'config: names files in /etc/dingtalk/secrets, but nothing is mounted there: name the Secret',
        'replicaCount: each of the 3 shards is one pod: remove replicaCount, or',
        'service.type: the Service of shards is headless and cannot be a NodePort: remove service.type, or',
        'webConfig.config: names files in /etc/dingtalk/tls, but nothing is mounted there: name the Secret',
        'podMonitor.enabled: with serviceMonitor.enabled each pod would be scraped twice: remove one',
        'serviceMonitor.tlsConfig: webConfig.config has TLS: say how Prometheus verifies',
        'serviceMonitor.basicAuth: webConfig.config has basic_auth_users: name the Secret',
        'extraArgs: the chart sets --shard itself or relies on its default: remove it',
        'prometheusRule: there is no alert DingTalkDown: the alerts are DingTalk',
      ],
    ],
    [
      'two sources of credentials and no client certificate for Prometheus',
      {
        config: { organizations: [{ name: 'a', client_secret_file: SECRET_FILE }] },
        existingSecret: 'dingtalk',
        credentials: { acme: 'hidden' },
        webConfig: {
          config: { tls_server_config: { cert: 'inline', client_auth_type: 'RequireAnyClientCert' } },
        },
        podMonitor: { enabled: true, tlsConfig: { serverName: 'a' } },
      },
      [
        'credentials: are given twice: remove credentials, or existingSecret',
        'podMonitor.tlsConfig.cert: webConfig.config requires client certificates: name Prometheus',
      ],
    ],
    [
      'unused certificates',
      { demo: true, webConfig: { existingSecret: 'dingtalk-tls' } },
      ['webConfig.existingSecret: nothing uses its files: name them in webConfig.config.tls_server_config'],
    ],
  ])('are refused with what to write instead: %s', async (name, values, expected) => {
    for (const said of await refusals(name, values)) {
      const lines = said.split('\n').filter((line) => /^(?!Error)\w[\w.[\]]*: /u.test(line));
      expect(lines.map((line, index) => line.slice(0, expected[index]?.length))).toEqual(expected);
      expect(said).not.toContain('hidden');
    }
  });
});

describe.skipIf(HELMS.length === 0)('values that are wrong', () => {
  it('are refused by their names, all at once', async () => {
    const messages = await refusals('wrong', {
      replicas: 2,
      shards: '3',
      config: null,
      existingSecret: { name: 'a' },
      credentials: { acme: 5 },
      image: { digest: 'latest' },
      livenessProbe: { httpGet: { path: '/' } },
      service: { type: 'ExternalName', port: 0 },
      pdb: { minAvailable: 1, maxUnavailable: 1 },
      serviceMonitor: { interval: '30' },
      prometheusRule: { overrides: { DingTalkPollFailing: { severity: 'info' } } },
    });
    const names =
      'replicas shards config existingSecret acme digest httpGet type port pdb interval severity'.split(' ');
    for (const said of messages) {
      for (const name of names) expect(said).toMatch(new RegExp(`^ *- .*\\b${name}\\b`, 'mu'));
    }
  });
});

it.skipIf(HELMS.length === 0)('Kubernetes without the pod index label is refused', async () => {
  for (const helm of HELMS)
    await expect(helm.template('--set=demo=true', '--kube-version=1.27.16')).rejects.toThrow(/>=1\.28\.0/u);
});

import { readFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { LIMITS } from '../../../src/web/server.ts';
import { MAXIMUM_WAITING } from '../../../src/web/web-config/basic-auth.ts';
import { CURVES } from '../../../src/web/web-config/cipher-suites.ts';
import { CLIENT_AUTH_TYPES, KNOWN_KEYS } from '../../../src/web/web-config/schema.ts';
import { loadWebConfiguration } from '../../../src/web/web-config/web-configuration.ts';
import { Authority } from '../../support/certificates.ts';
import { openssl } from '../../support/tools.ts';
import { WebConfigFile } from '../support/web-config.ts';

const DOCUMENT = readFileSync('docs/web-configuration.md', 'utf8');

/** The rows of the table under a heading, each as its cells. */
function tableUnder(heading: string): string[][] {
  const section = DOCUMENT.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2).map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** Every key of the format; a user is one under `basic_auth_users`. */
function keysBelow(path: string): string[] {
  return (KNOWN_KEYS[path] ?? []).flatMap((key) => {
    const below = path === '' ? key : `${path}.${key}`;
    return below in KNOWN_KEYS ? keysBelow(below) : [below];
  });
}

describe('docs/web-configuration.md', () => {
  it('has one row for each key, in the order of the schema', () => {
    expect(tableUnder('Keys').map(([key]) => key)).toEqual(keysBelow('').map((key) => `\`${key}\``));
  });

  it.each([
    ['client_auth_type', CLIENT_AUTH_TYPES],
    ['curve_preferences', Object.keys(CURVES)],
  ])('names every %s', (key, values) => {
    const row = tableUnder('Keys').find(([name]) => name === `\`tls_server_config.${key}\``);
    for (const value of values) expect(row?.[2]).toContain(`\`${value}\``);
  });

  it('has every limit of the server', () => {
    const { maxHeaderSize, maxConnections, ...times } = LIMITS;
    expect(tableUnder('Limits of the server').map(([, limit]) => limit)).toEqual([
      `${maxHeaderSize / 1_024} KiB`,
      ...Object.values(times).map((time) => `${time / 1_000} s`),
      String(maxConnections),
    ]);
    expect(DOCUMENT).toContain(`up to ${MAXIMUM_WAITING} wait`);
  });

  it.skipIf(openssl().missing)('has a valid example', () => {
    const authority = new Authority();
    onTestFinished(() => authority.remove());
    const server = authority.issue('server');
    const file = new WebConfigFile(/```yaml\n([\s\S]*?)```/.exec(DOCUMENT)?.[1] ?? '');
    file.write(server.cert, 'tls.crt');
    file.write(server.key, 'tls.key');
    file.write(authority.ca, 'clients-ca.crt');
    const { users, tls } = loadWebConfiguration(file.path);
    expect([...(users?.keys() ?? [])]).toEqual(['prometheus']);
    expect(tls?.clients.type).toBe('RequireAndVerifyClientCert');
  });
});

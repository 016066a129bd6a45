import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadWebConfiguration } from '../../../src/web/access/web-configuration.ts';
import {
  CLIENT_AUTH_TYPES,
  WEB_CONFIGURATION_KEYS,
} from '../../../src/web/access/web-configuration-schema.ts';
import { LIMITS } from '../../../src/web/limits.ts';
import { openssl } from '../../support/tools.ts';
import { Authority } from '../support/certificates.ts';
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

describe('docs/web-configuration.md', () => {
  it('has one row for each key of the code, in its order', () => {
    expect(tableUnder('Keys').map(([key]) => key)).toEqual(WEB_CONFIGURATION_KEYS.map((key) => `\`${key}\``));
  });

  it('names every type of client authentication', () => {
    const row = tableUnder('Keys').find(([key]) => key === '`tls_server_config.client_auth_type`');
    for (const type of CLIENT_AUTH_TYPES) expect(row?.[2]).toContain(`\`${type}\``);
  });

  it('gives every limit as the code has it', () => {
    const seconds = (milliseconds: number): string => `${milliseconds / 1_000} s`;
    const kibibytes = (bytes: number): string => `${bytes / 1_024} KiB`;
    const rows: Record<keyof typeof LIMITS, readonly [string, string]> = {
      maxHeaderSize: ['all headers of a request', kibibytes(LIMITS.maxHeaderSize)],
      headersTimeout: ['until the headers are there', seconds(LIMITS.headersTimeout)],
      requestTimeout: ['until the request is there', seconds(LIMITS.requestTimeout)],
      connectionsCheckingInterval: [
        'how often these two are looked at',
        seconds(LIMITS.connectionsCheckingInterval),
      ],
      maxRequestBody: ['a body', kibibytes(LIMITS.maxRequestBody)],
      keepAliveTimeout: ['an idle connection', seconds(LIMITS.keepAliveTimeout)],
      socketTimeout: [
        'a connection that stands still in the middle of something',
        seconds(LIMITS.socketTimeout),
      ],
      handshakeTimeout: ['TLS handshake', seconds(LIMITS.handshakeTimeout)],
      maxConnections: ['connections of one listener', String(LIMITS.maxConnections)],
      maxPipelinedRequests: [
        'pipelined requests that wait on one connection',
        String(LIMITS.maxPipelinedRequests),
      ],
      maxIgnoredRequests: [
        'ignored requests behind these, of all connections together',
        String(LIMITS.maxIgnoredRequests),
      ],
      largeBody: ['an answer counts as large', `from ${kibibytes(LIMITS.largeBody)} on`],
      largeBodyTimeout: ['reading a large answer', seconds(LIMITS.largeBodyTimeout)],
      maxHeldBytes: [
        'large answers of different moments that slow readers hold in memory together',
        `${LIMITS.maxHeldBytes / 1_048_576} MiB`,
      ],
    };
    const documented = tableUnder('Limits of the server').map(([what, limit]) => [what, limit]);
    expect(documented).toEqual(Object.values(rows));
  });

  it.skipIf(openssl().missing)('has an example that the exporter takes', async () => {
    const example = /```yaml\n([\s\S]*?)```/.exec(DOCUMENT)?.[1] ?? '';
    const authority = new Authority();
    const server = authority.issue('server');
    const file = new WebConfigFile(example);
    file.write(server.cert, 'tls.crt');
    file.write(server.key, 'tls.key');
    file.write(authority.ca, 'clients-ca.crt');
    const configuration = await loadWebConfiguration(file.path);
    expect([...configuration.users.keys()]).toEqual(['prometheus']);
    expect(configuration.tls?.clients.type).toBe('RequireAndVerifyClientCert');
    authority.remove();
  });
});

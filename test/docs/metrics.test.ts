import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FAILURE_TABLE } from '../../src/dingtalk/failure-table.ts';
import { REASONS } from '../../src/dingtalk/reason.ts';
import { ExporterSeries } from '../../src/metrics/exporter-series.ts';
import { ORGANIZATION_FAMILIES } from '../../src/metrics/organization-families.ts';
import { code, expectGenerated, markdownTable } from '../support/generated.ts';

const PAGE = 'docs/metrics.md';

describe('the reference of the metrics', () => {
  it('has every metric by organization', () => {
    const rows = ORGANIZATION_FAMILIES.map(({ name, type, reason, help }) => [
      code(name),
      type,
      [code('organization'), ...(reason === undefined ? [] : [code('reason')])].join(', '),
      help,
    ]);
    expectGenerated(PAGE, 'organizations', markdownTable(['name', 'type', 'labels', 'meaning'], rows));
  });

  it('has every metric of the exporter itself', async () => {
    const { registry } = new ExporterSeries({ version: '1', revision: '1', nodeVersion: '1' }, () => {});
    const metrics = await registry.getMetricsAsJSON();
    const rows = metrics.map(({ name, type, help, values }) => {
      const labels = new Set(values.flatMap((value) => Object.keys(value.labels)));
      labels.delete('le');
      return [code(name), String(type), [...labels].map(code).join(', ') || '–', help];
    });
    expectGenerated(PAGE, 'exporter', markdownTable(['name', 'type', 'labels', 'meaning'], rows));
  });

  it('has every row of the failure table', () => {
    const rows = FAILURE_TABLE.map(({ meaning, reason, action }) => [
      meaning,
      code(reason),
      {
        retry: 'the call is retried',
        stop: 'the poll fails',
        renew_token: 'a new token is fetched and the call repeated once',
        block_host: 'the poll fails, and the host is not called for 5 minutes',
      }[action],
    ]);
    expectGenerated(PAGE, 'failures', markdownTable(['response', 'reason', 'within the poll'], rows));
  });

  it('explains every reason', () => {
    const page = readFileSync(PAGE, 'utf8');
    for (const reason of REASONS)
      expect(page).toMatch(new RegExp(`^\\| \`${reason}\` \\| .+ \\| .+ \\|$`, 'mu'));
  });
});

import { expect, it } from 'vitest';
import { ExporterSeries } from '../../src/metrics/exporter-series.ts';
import { Exposition } from '../../src/metrics/exposition.ts';
import { ManualClock } from '../support/manual-clock.ts';

it.each(Array.from({ length: 40 }, (_, ticks) => ticks))(
  'a request that ends %i ticks after a scrape began is in the next text',
  async (ticks) => {
    const build = { version: '1', revision: '1', nodeVersion: '1' };
    const exposition = new Exposition(new ManualClock(), new ExporterSeries(build), false);
    const scrape = exposition.body();
    for (let tick = 0; tick < ticks; tick += 1) await undefined;
    exposition.requestEnded({ endpoint: 'token', duration: 1, reason: undefined });
    await scrape;
    const text = String(await exposition.body());
    expect(text).toContain('dingtalk_api_requests_total{endpoint="token"} 1\n');
  },
);

import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ExporterSeries } from '../../src/metrics/exporter-series.ts';
import { Exposition } from '../../src/metrics/exposition.ts';
import { plainError } from '../simulator/replies.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { promtool } from '../support/tools.ts';
import { World } from '../support/world.ts';

const tool = promtool();

describe('the exact text of the metrics', () => {
  let world: World;
  beforeEach(async () => {
    world = await World.create();
  });
  afterEach(() => world.close());

  async function expectText(state: string): Promise<void> {
    await expect(await world.metrics()).toMatchFileSnapshot(`expositions/${state}.prom`);
  }

  it('never polled: no headcount, no dingtalk_up, counters at 0', async () => {
    world.exporter.start();
    await expectText('never-polled');
  });

  it('healthy: both numbers', async () => {
    world.exporter.start();
    await world.polled();
    await expectText('well');
  });

  it('failing but fresh: the last numbers stay', async () => {
    world.exporter.start();
    await world.polled();
    world.simulator.script.always('user_count', plainError(60011));
    await world.polled(2);
    await expectText('failing-but-fresh');
  });

  it('failing and dropped: no numbers', async () => {
    world.exporter.start();
    await world.polled();
    world.simulator.script.always('user_count', plainError(60011));
    await world.until(() => world.state.headcount === undefined, 'the drop');
    expect(world.clock.monotonicTime()).toBe(world.organization().maxStaleness);
    await expectText('failing-and-dropped');
  });

  it('recovered: the new numbers, and no error', async () => {
    world.exporter.start();
    await world.polled();
    world.simulator.script.always('user_count', plainError(60011));
    await world.until(() => world.state.headcount === undefined, 'the drop');
    world.simulator.script.clear();
    world.acme.employees = 1200;
    await world.until(() => world.state.headcount !== undefined, 'the recovery');
    await expectText('recovered');
  });

  it('removed: no series of the organization', async () => {
    world.exporter.start();
    await world.polled();
    world.nextConfiguration = world.configure([]);
    await world.exporter.reload();
    expect(await world.metrics()).not.toContain('organization=');
  });

  it.skipIf(tool.missing)('passes promtool check metrics, with the metrics of the process', async () => {
    const whole = await World.create({ processMetrics: true });
    try {
      whole.exporter.start();
      await whole.polled();
      const text = await whole.metrics();
      expect(text).toContain('\nprocess_cpu_seconds_total ');
      expect(text).toContain('\nnodejs_version_info{');
      const said = execFileSync(tool.path, ['check', 'metrics'], {
        input: text,
        encoding: 'utf8',
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      expect(said).toBe('');
    } finally {
      await whole.close();
    }
  });

  it('is the same buffer until something changes', async () => {
    world.exporter.start();
    await world.polled();
    const first = await world.exporter.exposition();
    expect(world.exporter.exposition()).toBe(first);
    await world.polled(2);
    expect(await world.exporter.exposition()).not.toBe(first);
  });

  it('samples the process at most once a second', async () => {
    const whole = await World.create({ processMetrics: true });
    try {
      const first = await whole.exporter.exposition();
      whole.clock.advance(999);
      expect(whole.exporter.exposition()).toBe(first);
      whole.clock.advance(1);
      const second = await whole.exporter.exposition();
      expect(second).not.toBe(first);
      whole.exporter.start();
      const third = String(await whole.exporter.exposition());
      expect(third).toContain('dingtalk_polls_total{organization="acme"} 0\n');
      const sample = (text: string) => /^process_cpu_seconds_total .*$/mu.exec(text)?.[0];
      expect(sample(third)).toBe(sample(String(second)));
    } finally {
      await whole.close();
    }
  });
});

it('includes a request that ends at any time during a scrape in the next scrape', async () => {
  const build = { version: '1', revision: '1', nodeVersion: '1' };
  for (let ticks = 0; ticks < 40; ticks += 1) {
    const series = new ExporterSeries(build, () => exposition.invalidate());
    const exposition = new Exposition({
      clock: new ManualClock(),
      states: () => [],
      exporterRegistry: series.registry,
      processMetrics: false,
    });
    const scrape = exposition.text();
    for (let tick = 0; tick < ticks; tick += 1) await undefined;
    series.requestEnded({ endpoint: 'token', duration: 1, reason: undefined });
    await scrape;
    expect(String(await exposition.text())).toContain('dingtalk_api_requests_total{endpoint="token"} 1\n');
  }
});

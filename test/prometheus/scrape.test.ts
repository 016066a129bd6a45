import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plainError } from '../simulator/replies.ts';
import { Endings } from '../support/endings.ts';
import { PROMETHEUS_MISSING, PROMETHEUS_PROGRAMS } from '../support/prometheus-programs.ts';
import { type Matrix, PrometheusServer } from '../support/prometheus-server.ts';
import { Replica } from '../support/replica.ts';
import { promtool } from '../support/tools.ts';
import { eventually, until } from '../support/until.ts';
import { byOrganization, counts, HOSTILE, ORGANIZATIONS, POLL, paced, RULES } from './support/shipped.ts';

/** When a series was scraped; it must be one alone. */
function momentsOf(result: Matrix): number[] {
  expect(result).toHaveLength(1);
  return result.flatMap(({ values }) => values.map(({ at }) => at));
}

const valuesOf = (result: Matrix): number[] => [
  ...new Set(result.flatMap(({ values }) => values.map(({ value }) => value))),
];

describe.skipIf(PROMETHEUS_MISSING).each(PROMETHEUS_PROGRAMS)(
  '$title, with the shipped configuration',
  ({ path }) => {
    const endings = new Endings();
    let replica: Replica;
    let server: PrometheusServer;

    beforeAll(async () => {
      replica = endings.add(await Replica.start({ organizations: ORGANIZATIONS, poll: POLL }));
      const configuration = paced(replica.port);
      server = endings.add(await PrometheusServer.start({ prometheus: path, configuration, files: RULES }));
      await until('all organizations have been scraped', async () => {
        const [counted] = await server.instant('count(dingtalk_employees)');
        return counted?.value.value === Object.keys(ORGANIZATIONS).length;
      });
    });

    afterAll(() => endings.run());

    it('stores both counts of every organization', async () => {
      const read = async (metric: string) =>
        byOrganization(await server.instant(`${metric}{job="dingtalk"}`));
      await eventually(() => read('dingtalk_employees')).toEqual(counts('employees'));
      await eventually(() => read('dingtalk_employees_active')).toEqual(counts('active'));
      const hostile = `organization=${JSON.stringify(HOSTILE)}`;
      await eventually(async () =>
        (await server.instant(`dingtalk_employees{${hostile}}`)).map(({ metric }) => metric),
      ).toEqual([
        {
          __name__: 'dingtalk_employees',
          job: 'dingtalk',
          instance: `localhost:${replica.port}`,
          organization: HOSTILE,
        },
      ]);
    });

    it('reports the exporter as up, and evaluates every rule', async () => {
      const up = async () =>
        (await server.instant('up')).map(({ metric, value }) => [
          metric['job'],
          metric['instance'],
          value.value,
        ]);
      await eventually(up).toEqual([['dingtalk', `localhost:${replica.port}`, 1]]);
      await until('all rules have been evaluated', async () =>
        (await server.rules()).every(({ health }) => health !== 'unknown'),
      );
      const loaded = await server.rules();
      expect(loaded.length).toBeGreaterThan(0);
      expect(loaded.filter(({ health }) => health !== 'ok')).toEqual([]);
    });

    it('stores a failure at once, keeps the last counts until they are too old, and stores new ones', async () => {
      const acme = replica.organization('acme');
      const failure = replica.simulator.script.always(
        { endpoint: 'user_count', organization: acme },
        plainError(-1),
      );
      await until('some polls have failed', async () => {
        const failed = 'dingtalk_up{organization="acme"} == 0 and dingtalk_poll_failures_total >= 3';
        const named = 'dingtalk_poll_error{organization="acme", reason="unavailable"} == 1';
        return (await server.instant(`${failed} and on (organization) ${named}`)).length === 1;
      });
      // Until then every scrape has the count, unchanged.
      const failing = await server.samples('dingtalk_up{organization="acme"}', '10m');
      const lastFailing = failing[0]?.values.at(-1)?.at;
      const shown = await server.samples('dingtalk_employees{organization="acme"}', '10m', lastFailing);
      expect(valuesOf(failing)).toEqual([1, 0]);
      expect(momentsOf(shown)).toEqual(momentsOf(failing));
      expect(valuesOf(shown)).toEqual([1240]);
      const others = await server.instant('dingtalk_up{organization!="acme"}', lastFailing);
      expect(others.map(({ value }) => value.value)).toEqual([1, 1, 1]);
      const success = 'last_over_time(dingtalk_last_success_timestamp_seconds{organization="acme"}[10m])';
      const [before] = await server.instant(success);

      await replica.reload({ ...POLL, max_staleness: '3s' });
      const numbers = '(dingtalk_employees or dingtalk_employees_active)';
      const gone = `(dingtalk_up{organization="acme"} == 0) unless on (organization) ${numbers}`;
      await until('the counts are dropped', async () => (await server.instant(gone)).length === 1);
      const [after] = await server.instant(success);
      expect(after?.value.value).toBe(before?.value.value);

      acme.employees = 1250;
      acme.active = 1111;
      await replica.reload(POLL);
      failure.stop();
      const back = 'dingtalk_up{organization="acme"} == 1 and on (organization) dingtalk_employees == 1250';
      await until('the new count is scraped', async () => (await server.instant(back)).length === 1);
      expect(await server.instant('dingtalk_poll_error')).toEqual([]);

      // In all scrapes: both counts or neither, and only counts that DingTalk reported.
      const at = Date.now() / 1000;
      const [employees, active] = [
        await server.samples('dingtalk_employees{organization="acme"}', '10m', at),
        await server.samples('dingtalk_employees_active{organization="acme"}', '10m', at),
      ];
      expect(momentsOf(employees)).toEqual(momentsOf(active));
      expect(valuesOf(employees)).toEqual([1240, 1250]);
      expect(valuesOf(active)).toEqual([1100, 1111]);
      const scrapes = momentsOf(await server.samples('dingtalk_up{organization="acme"}', '10m', at));
      expect(scrapes.length).toBeGreaterThan(momentsOf(employees).length);
    });
  },
);

const tool = promtool();

it.skipIf(tool.missing)('promtool finds nothing to complain about in prometheus.yml', () => {
  const said = execFileSync(tool.path, ['check', 'config', '--lint-fatal', 'prometheus.yml'], {
    encoding: 'utf8',
    stdio: 'pipe',
  });
  expect(said).toContain('SUCCESS: prometheus.yml is valid prometheus config file syntax');
  expect(said).toContain('SUCCESS: 1 rule files found');
});

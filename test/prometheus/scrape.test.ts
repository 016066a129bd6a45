import { execFileSync, spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plainError } from '../simulator/replies.ts';
import { Endings } from '../support/endings.ts';
import { PROMETHEUS_MISSING, PROMETHEUS_PROGRAMS } from '../support/prometheus-programs.ts';
import { type Matrix, PrometheusServer } from '../support/prometheus-server.ts';
import { Replica } from '../support/replica.ts';
import { promtool } from '../support/tools.ts';
import { eventually, until } from '../support/until.ts';
import { byOrganization, counts, HOSTILE, ORGANIZATIONS, POLL, paced, RULES } from './support/shipped.ts';

/** What a scraper of Prometheus 3 asks for. */
const ACCEPT_OF_PROMETHEUS_3 = [
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6',
  'application/openmetrics-text;version=0.0.1;q=0.5',
  'text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4',
  'text/plain;version=0.0.4;q=0.3',
  '*/*;q=0.2',
].join(',');

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
      replica = endings.add(await Replica.start({ organizations: ORGANIZATIONS, poll: POLL }), (each) =>
        each.stop(),
      );
      const configuration = paced(replica.port);
      server = endings.add(
        await PrometheusServer.start({ prometheus: path, configuration, files: RULES }),
        (each) => each.stop(),
      );
      await until('all organizations have been scraped', async () => {
        const [counted] = await server.instant('count(dingtalk_employees)');
        return counted?.value.value === Object.keys(ORGANIZATIONS).length;
      });
    });

    afterAll(() => endings.run());

    it('answers both numbers of every organization', async () => {
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

    it('takes the exporter for up, and evaluates every rule', async () => {
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

    it('shows a failure at once, keeps the last numbers until they are too old, and shows new ones', async () => {
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
      // So far the number is there in each scrape, and the same.
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
      await until('the number is gone', async () => (await server.instant(gone)).length === 1);
      const [after] = await server.instant(success);
      expect(after?.value.value).toBe(before?.value.value);

      acme.employees = 1250;
      acme.active = 1111;
      await replica.reload(POLL);
      failure.stop();
      const back = 'dingtalk_up{organization="acme"} == 1 and on (organization) dingtalk_employees == 1250';
      await until('the number is back', async () => (await server.instant(back)).length === 1);
      expect(await server.instant('dingtalk_poll_error')).toEqual([]);

      // Over all this time: both or neither, and nothing invented.
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

describe('what Prometheus is given', () => {
  const tool = promtool();

  it.skipIf(tool.missing)('is a configuration that promtool finds nothing in', () => {
    const said = execFileSync(tool.path, ['check', 'config', '--lint-fatal', 'prometheus.yml'], {
      encoding: 'utf8',
      stdio: 'pipe',
    });
    expect(said).toContain('SUCCESS: prometheus.yml is valid prometheus config file syntax');
    expect(said).toContain('SUCCESS: 1 rule files found');
  });

  describe('metrics', () => {
    const endings = new Endings();
    let replica: Replica;

    beforeAll(async () => {
      const started = Replica.start({
        organizations: ORGANIZATIONS,
        poll: POLL,
        prepare: (each) => {
          const refused = { endpoint: 'user_count', organization: each.organization('acme') } as const;
          each.simulator.script.always(refused, plainError(60011));
        },
      });
      replica = endings.add(await started, (each) => each.stop());
    });

    afterAll(() => endings.run());

    it.skipIf(tool.missing)(
      'that promtool finds nothing in, with organizations well and failing',
      async () => {
        let text = '';
        await until('each organization has been polled', async () => {
          text = await (await fetch(`http://${replica.address}/metrics`)).text();
          return text.match(/^dingtalk_up\{.*\} [01]$/gmu)?.length === Object.keys(ORGANIZATIONS).length;
        });
        expect(text).toContain('dingtalk_poll_error{organization="acme",reason="permission"} 1\n');
        const checked = spawnSync(tool.path, ['check', 'metrics'], { input: text, encoding: 'utf8' });
        expect(checked).toMatchObject({ status: 0, stdout: '', stderr: '' });
      },
    );

    it('in the one format that Prometheus 3 knows them by, though it would rather have another', async () => {
      const headers = { accept: ACCEPT_OF_PROMETHEUS_3, 'accept-encoding': 'gzip' };
      const response = await fetch(`http://${replica.address}/metrics`, { headers });
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
      expect(response.headers.get('content-encoding')).toBe('gzip');
      expect(await response.text()).toContain('# TYPE dingtalk_employees gauge\n');
    });
  });
});

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REASONS } from '../../src/dingtalk/reason.ts';
import { Endings } from '../support/endings.ts';
import { PROMETHEUS_MISSING, PROMETHEUS_PROGRAMS } from '../support/prometheus-programs.ts';
import { type Matrix, PrometheusServer, type Vector } from '../support/prometheus-server.ts';
import { promtool } from '../support/tools.ts';
import { until } from '../support/until.ts';
import { type Choice, interpolate, seconds } from './support/grafana-variables.ts';
import { startReplica, THINKING, UP } from './support/present.ts';
import { DASHBOARD, LABEL_VALUES, panelByTitle, QUERIES, type Query } from './support/shipped-dashboard.ts';
import {
  ACME,
  FAILING,
  GONE,
  HOSTILE,
  JOB,
  NEWCOMER,
  OLD,
  PRESENT,
  REPLICAS,
  Story,
} from './support/story.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;
const RANGE = 30 * DAY;

/** A scrape that began so long ago has ended (s). */
const SETTLED = 2;

const tool = promtool();

const EVERYTHING: Choice = { job: 'all', organization: 'all' };
const ONLY_HOSTILE: Choice = { job: [JOB], organization: [HOSTILE] };

const story = new Story(Date.now() / 1000);

describe.skipIf(PROMETHEUS_MISSING || tool.missing).each(PROMETHEUS_PROGRAMS)(
  'the queries, evaluated by $title',
  ({ path }) => {
    const endings = new Endings();
    let server: PrometheusServer;
    /** When all queries are evaluated: what was scraped until then does not change. */
    let moment: number;

    beforeAll(async () => {
      const targets = [];
      for (const instance of REPLICAS) {
        const replica = endings.add(await startReplica(instance));
        targets.push({ targets: [replica.address], labels: { instance } });
      }
      const pace = { scrape_interval: '500ms', scrape_timeout: '500ms' };
      const started = PrometheusServer.start({
        prometheus: path,
        configuration: {
          global: { evaluation_interval: '1s' },
          rule_files: ['rules.yml'],
          scrape_configs: [
            { job_name: JOB, ...pace, static_configs: targets },
            // Another job, which "all" must not include.
            { job_name: 'elsewhere', ...pace, static_configs: [{ targets: ['127.0.0.1:1'] }] },
          ],
        },
        // As shipped, but with a shorter interval.
        files: {
          'rules.yml': readFileSync('rules/dingtalk.rules.yml', 'utf8').replace(
            'interval: 5m',
            'interval: 1s',
          ),
        },
        history: { promtool: tool.path, text: story.history() },
      });
      server = endings.add(await started);
      const of = (organization: string): string => `organization=${JSON.stringify(organization)}`;
      const conditions = [
        ...REPLICAS.flatMap((instance) =>
          Object.entries(UP[instance]).map(
            ([name, up]) => `dingtalk_up{instance="${instance}", ${of(name)}} == ${up}`,
          ),
        ),
        ...Object.entries(PRESENT).map(
          ([name, { employees }]) => `organization:dingtalk_employees:latest{${of(name)}} == ${employees}`,
        ),
        ...[
          'requests_total{endpoint="user_count"}',
          'request_retries_total{endpoint="user_count"}',
          'request_failures_total{endpoint="token", reason="credentials"}',
          'request_failures_total{endpoint="user_count", reason="throttled"}',
        ].map((counter) => `min(increase(dingtalk_api_${counter}[5m])) > 0`),
        'up{job="elsewhere"}',
        'count(up{job="dingtalk"} == 1) == 2',
      ];
      await until('both replicas were scraped in their final state', async () => {
        moment = Date.now() / 1000 - SETTLED;
        for (const condition of conditions)
          if ((await server.instant(condition, moment)).length !== 1) return false;
        return true;
      });
    });

    afterAll(() => endings.run());

    const now = (query: Query, choice = EVERYTHING): Promise<Vector> =>
      server.instant(interpolate(query.expr, choice, { step: HOUR, minStep: 60, range: RANGE }), moment);

    /** Over 30 days; the last step falls on `end`, by default on this moment. */
    const through = (query: Query, choice = EVERYTHING, end = moment): Promise<Matrix> => {
      const minStep = seconds(query.interval ?? '1m');
      const step = Math.max(HOUR, minStep);
      const expr = interpolate(query.expr, choice, { step, minStep, range: RANGE });
      return server.range(expr, end - RANGE, end, step);
    };

    const target = (title: string, index = 0): Query => {
      const found = panelByTitle(title).targets[index];
      if (found === undefined) throw new Error(`"${title}" has no query ${index}`);
      return found;
    };

    const figure = async (title: string, index = 0, choice = EVERYTHING): Promise<number[]> =>
      (await now(target(title, index), choice)).map(({ value }) => value.value);

    const byOrganization = (result: Vector): Record<string, number> =>
      Object.fromEntries(result.map(({ metric, value }) => [metric['organization'] ?? '', value.value]));

    const at = (result: Matrix, time: number): number | undefined =>
      result[0]?.values.find((sample) => sample.at === time)?.value;

    describe.each([
      ['all organizations', EVERYTHING],
      ['an organization with a hostile name', ONLY_HOSTILE],
    ])('with %s chosen', (_, choice) => {
      it.each(QUERIES)('$name has a result', async ({ name, query }) => {
        // The one alert is of acme, and the headcount of the hostile organization is current.
        const ofOthers = /^(annotation|Organizations with a number older)/u.test(name);
        const chosen = ofOthers && choice === ONLY_HOSTILE ? [] : [expect.anything()];
        const result = query.instant ? await now(query, choice) : await through(query, choice, endFor(query));
        expect(result.slice(0, 1)).toEqual(chosen);
        for (const { metric } of result) {
          if (choice === ONLY_HOSTILE) expect([undefined, HOSTILE]).toContain(metric['organization']);
        }
      });
    });

    /** Alerts and days end in the past, everything else with the newest scrape. */
    const endFor = (query: Query): number | undefined => {
      if (query.expr.includes('ALERTS')) return story.hour;
      return query.interval === '1d' ? story.today : undefined;
    };

    it('the variables have every organization of the time range, and only jobs of this exporter', async () => {
      const offered = async (name: string): Promise<string[]> => {
        const query = DASHBOARD.templating.list.find((variable) => variable.name === name)?.query ?? '';
        const { series = '', label = '' } = LABEL_VALUES.exec(query)?.groups ?? {};
        const expr = interpolate(series, EVERYTHING, { step: HOUR, minStep: 60, range: RANGE });
        return (await server.labelValues(expr, label, moment - RANGE, moment)).sort();
      };
      expect(await offered('job')).toEqual([JOB]);
      expect(await offered('organization')).toEqual([ACME, FAILING, GONE, HOSTILE, NEWCOMER, OLD].sort());
    });

    it('sums are of the last known counts, from the replica that succeeded last', async () => {
      expect(await figure('People')).toEqual([1063 + 195 + 50 + 400]);
      expect(await figure('Active')).toEqual([670 + 145 + 25 + 100]);
      expect(await figure('Not active')).toEqual([1708 - 940]);
      expect(await figure('People', 0, ONLY_HOSTILE)).toEqual([195]);
      expect(await figure('People', 0, { job: [JOB], organization: [ACME, HOSTILE] })).toEqual([1063 + 195]);
    });

    it('organizations whose counts are too old are counted and listed', async () => {
      expect(await figure('Older than allowed')).toEqual([2]);
      expect(await figure('Older than allowed', 0, ONLY_HOSTILE)).toEqual([0]);
      expect(await figure('Older than allowed', 0, { job: [JOB], organization: [FAILING] })).toEqual([1]);
      const column = async (index: number) =>
        byOrganization(await now(target('Organizations with a number older than allowed', index)));
      expect(await column(0)).toEqual({ [OLD]: 400 });
      expect(await column(1)).toEqual({ [OLD]: expect.closeTo(moment - story.day(1), 0) });
      expect(await column(2)).toEqual({ [OLD]: 6000, [FAILING]: 6000 });
    });

    it('organizations are sorted by size, and old counts marked', async () => {
      const result = await now(target('People by organization'));
      expect(result.map(({ metric, value }) => [metric['organization'], value.value])).toEqual([
        [ACME, 1063],
        [`${OLD} (older than allowed)`, 400],
        [HOSTILE, 195],
        [NEWCOMER, 50],
      ]);
    });

    it('changes are from the last count known then, without added and removed organizations', async () => {
      expect(await figure('Change over a day')).toEqual([3 + 5]);
      expect(await figure('Change over a day', 1)).toEqual([10 + 5]);
      // A week ago the hostile organization had no number: 200 was the last one known.
      expect(await figure('Change over a week')).toEqual([1063 - 1100 + (195 - 200)]);
      expect(await figure('Change over a week', 1)).toEqual([670 - 700 + (145 - 150)]);
      expect(await figure('Change over 30 days')).toEqual([1063 - 1000 + (195 - 200)]);
      expect(await figure('Change over 30 days', 1)).toEqual([670 - 600 + (145 - 150)]);
    });

    it('the table has a row with the changes of each organization', async () => {
      const column = async (index: number) =>
        byOrganization(await now(target('Organizations by movement', index)));
      const pairs = Object.entries({ ...PRESENT, [OLD]: { employees: 400, active: 100 } });
      expect(await column(0)).toEqual(
        Object.fromEntries(pairs.map(([name, pair]) => [name, pair.employees])),
      );
      expect(await column(1)).toEqual(Object.fromEntries(pairs.map(([name, pair]) => [name, pair.active])));
      expect(await column(2)).toEqual(
        Object.fromEntries(pairs.map(([name, { active, employees }]) => [name, active / employees])),
      );
      expect(await column(3)).toEqual({ [ACME]: 1, [HOSTILE]: 1, [NEWCOMER]: 1, [OLD]: 0 });
      expect(await column(4)).toEqual({ [ACME]: 3, [HOSTILE]: 5, [OLD]: 0 });
      expect(await column(5)).toEqual({ [ACME]: -37, [HOSTILE]: -5, [OLD]: 0 });
      expect(await column(6)).toEqual({ [ACME]: 63, [HOSTILE]: -5, [OLD]: 0 });
      expect(await column(7)).toEqual({ [ACME]: 63, [HOSTILE]: 5, [OLD]: 0 });
    });

    it('net changes are by day, without added and removed organizations', async () => {
      const changes = async (index: number): Promise<[daysAgo: number, change: number][]> => {
        const result = await through(target('Net change a day', index), EVERYTHING, story.today);
        expect(result).toHaveLength(1);
        expect(result[0]?.values).toHaveLength(31);
        return (result[0]?.values ?? [])
          .filter(({ value }) => value !== 0)
          .map(({ at: time, value }) => [(story.today - time) / DAY, value]);
      };
      expect(await changes(0)).toEqual([
        [20, 100],
        [0, 3 + 5],
      ]);
      // The hostile organization shrank during its outage, which ended five days ago.
      expect(await changes(1)).toEqual([
        [5, -10],
        [3, -40],
      ]);
    });

    it('sums over time have the last known count of an organization, until it is removed', async () => {
      const people = await through(target('All organizations'), EVERYTHING, story.hour - 2 * HOUR);
      expect(at(people, story.day(9, 5))).toBe(1100 + 200 + 400 + 300);
      expect(at(people, story.day(7))).toBe(1100 + 200 + 400 + 300);
      expect(at(people, story.day(5, 18))).toBe(1100 + 190 + 400 + 300);
      expect(at(people, story.day(3, 1))).toBe(1100 + 190 + 400);
      expect(at(people, story.day(0, 1))).toBe(1060 + 190 + 400);
      const activation = target('Activation of all organizations');
      const share = await through(activation, EVERYTHING, story.hour - 2 * HOUR);
      expect(at(share, story.day(7))).toBeCloseTo((700 + 150 + 100 + 100) / (1100 + 200 + 400 + 300), 12);
    });

    it('the panel of an organization has a gap while its counts are dropped', async () => {
      const history = await through(target('$organization'), ONLY_HOSTILE, story.hour - 2 * HOUR);
      expect(history).toHaveLength(1);
      expect(at(history, story.day(9, 5))).toBe(200);
      expect(at(history, story.day(7))).toBeUndefined();
      expect(at(history, story.day(5, 18))).toBe(190);
    });

    it('a failing replica is not a failing organization, and each failure has its reason', async () => {
      const state = byOrganization(await now(target('Organizations by age')));
      expect(state).toEqual({ [ACME]: 0.5, [HOSTILE]: 0.5, [NEWCOMER]: 1, [FAILING]: 0, [OLD]: 0 });
      const polls = await through(target('Polls by organization'));
      expect(
        Object.fromEntries(polls.map(({ metric, values }) => [metric['organization'], values.at(-1)?.value])),
      ).toEqual(state);
      const reasons = await through(target('Poll errors'));
      expect(reasons.map(({ metric }) => [metric['organization'], metric['reason']]).sort()).toEqual(
        [
          [ACME, 'throttled'],
          [FAILING, 'credentials'],
          [OLD, 'credentials'],
          [HOSTILE, 'throttled'],
        ].sort(),
      );
    });

    it('the age is that of the replica that succeeded last', async () => {
      const ages = byOrganization(await now(target('Organizations by age', 1)));
      const scraped = await server.samples('dingtalk_last_success_timestamp_seconds', '5m', moment);
      const expected: Record<string, number> = {};
      for (const { metric, values } of scraped) {
        const name = metric['organization'] ?? '';
        const newest = values.at(-1);
        if (newest === undefined) throw new Error(`no success of ${name} was scraped`);
        expected[name] = Math.min(expected[name] ?? Number.POSITIVE_INFINITY, newest.at - newest.value);
      }
      expect(Object.keys(expected).sort()).toEqual([ACME, HOSTILE, NEWCOMER].sort());
      expect(ages).toEqual(
        Object.fromEntries(Object.entries(expected).map(([name, age]) => [name, expect.closeTo(age, 3)])),
      );
      const shares = await through(target('Age of the numbers, of what is allowed'));
      // Those of organizations whose counts were dropped end in the past.
      const newest = shares.flatMap(({ values }) => values.filter(({ at }) => at > moment - 1));
      expect(newest).toHaveLength(Object.keys(expected).length);
      for (const { value } of newest) expect(value).toBeLessThan(HOUR / 6000);
    });

    it('the exporters are shown, and no targets of other jobs', async () => {
      const answering = await through(target('Exporters'));
      const targets = await server.instant('min_over_time(up{job="dingtalk"}[5m])', moment);
      expect(targets).toHaveLength(2);
      expect(
        answering.map(({ metric, values }) => [metric['instance'], values.at(-1)?.value]).sort(),
      ).toEqual(targets.map(({ metric, value }) => [metric['instance'], value.value]).sort());
    });

    it('request durations and failures are by endpoint and reason', async () => {
      const latency = async (index: number) => {
        const result = await through(target('Request duration', index));
        return Object.fromEntries(
          result.map(({ metric, values }) => [metric['endpoint'], values.at(-1)?.value ?? 0]),
        );
      };
      const [median, high] = [await latency(0), await latency(1)];
      expect(Object.keys(median).sort()).toEqual(['token', 'user_count']);
      // The bucket of the simulator's delay begins at 0.25 s.
      expect(THINKING).toBeGreaterThan(250);
      expect(median['user_count']).toBeGreaterThan(0.25);
      expect(median['token']).toBeLessThan(0.25);
      expect(high['user_count']).toBeGreaterThan(median['user_count'] ?? 0);
      const failed = await now(target('Failed requests by reason'));
      expect(failed.map(({ metric }) => metric['reason']).sort()).toEqual([...REASONS].sort());
      for (const { metric, value } of failed)
        expect(value.value > 0).toBe(['throttled', 'credentials'].includes(metric['reason'] ?? ''));
      const counts = failed.map(({ value }) => value.value);
      expect(counts).toEqual(counts.toSorted((one, other) => other - one));
    });

    it('annotations mark when headcount alerts fired', async () => {
      const annotation = DASHBOARD.annotations.list[0]?.target;
      if (annotation === undefined) throw new Error('the dashboard has no annotation');
      const marks = await through(annotation, EVERYTHING, story.hour);
      expect(marks).toHaveLength(1);
      expect(marks[0]?.metric).toMatchObject({ alertname: 'DingTalkHeadcountDropped', organization: ACME });
      expect(marks[0]?.values.map(({ at: time }) => time)).toEqual(
        [13, 14, 15].map((hour) => story.day(3, hour)),
      );
    });
  },
);

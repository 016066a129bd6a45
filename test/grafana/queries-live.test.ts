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
import { quantileOf } from './support/quantile.ts';
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

/** A scrape that began so long ago has ended, well or badly (s). */
const SETTLED = 2;

const tool = promtool();

const EVERYTHING: Choice = { job: 'all', organization: 'all' };
const ONLY_HOSTILE: Choice = { job: [JOB], organization: [HOSTILE] };

const story = new Story(Date.now() / 1000);

describe.skipIf(PROMETHEUS_MISSING || tool.missing).each(PROMETHEUS_PROGRAMS)(
  'the queries, asked of $title',
  ({ path }) => {
    const endings = new Endings();
    let server: PrometheusServer;
    /** When all questions are asked: what was scraped until then changes no more. */
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
            // Another job: "all" must not mean its targets.
            { job_name: 'elsewhere', ...pace, static_configs: [{ targets: ['127.0.0.1:1'] }] },
          ],
        },
        // As shipped, but evaluated so often that the test need not wait for five minutes.
        files: {
          'rules.yml': readFileSync('rules/dingtalk.rules.yml', 'utf8').replace(
            'interval: 5m',
            'interval: 1s',
          ),
        },
        history: { promtool: tool.path, text: story.history() },
      });
      server = endings.add(await started);
      await until('both replicas are where the story wants them', async () => {
        const time = Date.now() / 1000 - SETTLED;
        const states = new Map(
          (await server.instant('dingtalk_up', time)).map(({ metric, value }) => [
            `${metric['instance']} ${metric['organization']}`,
            value.value,
          ]),
        );
        const settled = REPLICAS.every((name) =>
          Object.entries(UP[name]).every(
            ([organization, up]) => states.get(`${name} ${organization}`) === up,
          ),
        );
        const moving = [
          ...['requests', 'request_retries'].map(
            (what) => `dingtalk_api_${what}_total{endpoint="user_count"}`,
          ),
          'dingtalk_api_request_failures_total{endpoint="token", reason="credentials"}',
          'dingtalk_api_request_failures_total{endpoint="user_count", reason="throttled"}',
        ];
        const counted = await server.instant(
          moving.map((each) => `min(increase(${each}[5m])) > 0`).join(' and '),
          time,
        );
        const elsewhere = await server.instant('up{job="elsewhere"}', time);
        const both = await server.instant('count(up{job="dingtalk"} == 1) == 2', time);
        const names = 'organization=~"acme|newcomer|.O.*"';
        const recorded = await server.instant(
          `count(organization:dingtalk_employees:latest{${names}} == 1063 or organization:dingtalk_employees:latest{${names}} == 195 or organization:dingtalk_employees:latest{${names}} == 50) == 3`,
          time,
        );
        moment = time;
        return (
          recorded.length === 1 &&
          settled &&
          counted.length === 1 &&
          elsewhere.length === 1 &&
          both.length === 1
        );
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
      it.each(QUERIES)('$name returns data', async ({ name, query }) => {
        // The headcount alert of this story was one of acme's, and the hostile organization's number is current.
        const ofOthers = /^(annotation|Organizations with a number older)/u.test(name);
        const chosen = ofOthers && choice === ONLY_HOSTILE ? [] : [expect.anything()];
        const result = query.instant ? await now(query, choice) : await through(query, choice, endFor(query));
        expect(result.slice(0, 1)).toEqual(chosen);
        for (const { metric } of result) {
          if (choice === ONLY_HOSTILE) expect([undefined, HOSTILE]).toContain(metric['organization']);
        }
      });
    });

    /** Alerts and days belong to the past; everything else ends with the newest scrape. */
    const endFor = (query: Query): number | undefined => {
      if (query.expr.includes('ALERTS')) return story.hour;
      return query.interval === '1d' ? story.today : undefined;
    };

    it('offers every organization of the time shown, and only jobs of this exporter', async () => {
      const offered = async (name: string): Promise<string[]> => {
        const query = DASHBOARD.templating.list.find((variable) => variable.name === name)?.query ?? '';
        const { series = '', label = '' } = LABEL_VALUES.exec(query)?.groups ?? {};
        const expr = interpolate(series, EVERYTHING, { step: HOUR, minStep: 60, range: RANGE });
        return (await server.labelValues(expr, label, moment - RANGE, moment)).sort();
      };
      expect(await offered('job')).toEqual([JOB]);
      expect(await offered('organization')).toEqual([ACME, FAILING, GONE, HOSTILE, NEWCOMER, OLD].sort());
    });

    it('adds up the last known numbers, of the replica that succeeded last', async () => {
      expect(await figure('People')).toEqual([1063 + 195 + 50 + 400]);
      expect(await figure('Active')).toEqual([670 + 145 + 25 + 100]);
      expect(await figure('Not active')).toEqual([1708 - 940]);
      expect(await figure('People', 0, ONLY_HOSTILE)).toEqual([195]);
      expect(await figure('People', 0, { job: [JOB], organization: [ACME, HOSTILE] })).toEqual([1063 + 195]);
    });

    it('counts and lists the organizations whose number is older than allowed', async () => {
      expect(await figure('Older than allowed')).toEqual([2]);
      expect(await figure('Older than allowed', 0, ONLY_HOSTILE)).toEqual([0]);
      expect(await figure('Older than allowed', 0, { job: [JOB], organization: [FAILING] })).toEqual([1]);
      const column = async (index: number) =>
        byOrganization(await now(target('Organizations with a number older than allowed', index)));
      expect(await column(0)).toEqual({ [OLD]: 400 });
      expect(await column(1)).toEqual({ [OLD]: expect.closeTo(moment - story.day(1), 0) });
      expect(await column(2)).toEqual({ [OLD]: 6000, [FAILING]: 6000 });
    });

    it('shows each organization, the largest first, and marks an old number', async () => {
      const result = await now(target('People by organization'));
      expect(result.map(({ metric, value }) => [metric['organization'], value.value])).toEqual([
        [ACME, 1063],
        [`${OLD} (older than allowed)`, 400],
        [HOSTILE, 195],
        [NEWCOMER, 50],
      ]);
    });

    it('compares with the last number known then, and neither with one that joined nor one that went', async () => {
      expect(await figure('Change over a day')).toEqual([3 + 5]);
      expect(await figure('Change over a day', 1)).toEqual([10 + 5]);
      // A week ago the hostile organization had no number: 200 was the last one known.
      expect(await figure('Change over a week')).toEqual([1063 - 1100 + (195 - 200)]);
      expect(await figure('Change over a week', 1)).toEqual([670 - 700 + (145 - 150)]);
      expect(await figure('Change over 30 days')).toEqual([1063 - 1000 + (195 - 200)]);
      expect(await figure('Change over 30 days', 1)).toEqual([670 - 600 + (145 - 150)]);
    });

    it('puts each organization in a row with its changes', async () => {
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

    it('draws a bar for each day on which the number changed, and none for an organization new or gone', async () => {
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

    it('goes on with the last known number of an organization, and without one that was removed', async () => {
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

    it('leaves a gap in the panel of an organization whose number was dropped', async () => {
      const history = await through(target('$organization'), ONLY_HOSTILE, story.hour - 2 * HOUR);
      expect(history).toHaveLength(1);
      expect(at(history, story.day(9, 5))).toBe(200);
      expect(at(history, story.day(7))).toBeUndefined();
      expect(at(history, story.day(5, 18))).toBe(190);
    });

    it('tells a failing replica from a failing organization, and names the reason', async () => {
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

    it('takes the age from the replica that succeeded last, against what is allowed', async () => {
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
      for (const { values } of shares) expect(values.at(-1)?.value).toBeLessThan(HOUR / 6000);
    });

    it('shows the exporters, and no targets of other jobs', async () => {
      const answering = await through(target('Exporters'));
      const targets = await server.instant('min_over_time(up{job="dingtalk"}[5m])', moment);
      expect(targets).toHaveLength(2);
      expect(
        answering.map(({ metric, values }) => [metric['instance'], values.at(-1)?.value]).sort(),
      ).toEqual(targets.map(({ metric, value }) => [metric['instance'], value.value]).sort());
    });

    it('estimates how long DingTalk takes and how many calls fail, by kind and reason', async () => {
      const title = 'Request duration';
      const latency = async (index: number) => {
        const result = await through(target(title, index));
        return Object.fromEntries(
          result.map(({ metric, values }) => [metric['endpoint'], values.at(-1)?.value]),
        );
      };
      const expected = async (quantile: number) => {
        const minStep = seconds(target(title).interval ?? '1m');
        const rate = interpolate(
          'rate(dingtalk_api_request_duration_seconds_bucket[$__rate_interval])',
          EVERYTHING,
          {
            step: Math.max(HOUR, minStep),
            minStep,
            range: RANGE,
          },
        );
        const buckets = await server.instant(rate, moment);
        const of = (endpoint: string): number =>
          quantileOf(
            buckets.filter(({ metric }) => metric['endpoint'] === endpoint),
            quantile,
          );
        return { token: expect.closeTo(of('token'), 9), user_count: expect.closeTo(of('user_count'), 9) };
      };
      const median = await latency(0);
      expect(median).toEqual(await expected(0.5));
      expect(await latency(1)).toEqual(await expected(0.95));
      // The simulator sees to it that no count comes sooner; the bucket in which that lies begins at 0.25 s.
      expect(THINKING).toBeGreaterThan(250);
      expect(median['user_count']).toBeGreaterThan(0.25);
      const failed = await now(target('Failed requests by reason'));
      expect(failed.map(({ metric }) => metric['reason']).sort()).toEqual([...REASONS].sort());
      for (const { metric, value } of failed) {
        if (['throttled', 'credentials'].includes(metric['reason'] ?? ''))
          expect(value.value).toBeGreaterThan(0);
        else expect(value.value).toBe(0);
      }
      const counts = failed.map(({ value }) => value.value);
      expect(counts).toEqual(counts.toSorted((one, other) => other - one));
    });

    it('marks where headcount alerts fired', async () => {
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

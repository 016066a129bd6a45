import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OrganizationConfiguration } from '../../src/config/configuration.ts';
import type { ApiResponse } from '../../src/dingtalk/transport.ts';
import type { OrganizationState } from '../../src/polling/organization-state.ts';
import { clientIdOf, InProcessWorld, type ReadCall, type Response, secretOf } from '../support/in-process.ts';
import './seed.ts';

const RATE_LIMIT = 5;
const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** DingTalk's reactions to a call. */
const OUTCOMES = [
  'right',
  'busy',
  'throttled',
  'throttled for long',
  'refused token',
  'silence',
  'cut',
  'nonsense',
  'more active than all',
  'forbidden',
  'address block',
] as const;

type Outcome = (typeof OUTCOMES)[number];

const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  { weight: 12, arbitrary: fc.constant('right' as const) },
  { weight: 5, arbitrary: fc.constantFrom(...OUTCOMES) },
);

/** `d` has the app of `c`: they share a token. */
const NAMES = ['a', 'b', 'c', 'd'] as const;
const appOf = (name: string): string => (name === 'd' ? 'c' : name);

const settings = fc.record({
  name: fc.constantFrom(...NAMES),
  interval: fc.constantFrom(2 * MINUTE, 10 * MINUTE, 30 * MINUTE),
  staleness: fc.constantFrom(3 * MINUTE, 40 * MINUTE),
  isSecretRight: fc.oneof(
    { weight: 4, arbitrary: fc.constant(true) },
    { weight: 1, arbitrary: fc.constant(false) },
  ),
});

const organizations = fc.uniqueArray(settings, { selector: ({ name }) => name, maxLength: NAMES.length });

const action = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('advance' as const),
      by: fc.oneof(fc.nat(5 * SECOND), fc.nat(20 * MINUTE)),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('reload' as const), organizations }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('broken reload' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('step' as const),
      by: fc.integer({ min: -400 * 24 * 60 * MINUTE, max: 400 * 24 * 60 * MINUTE }),
    }),
  },
);

const run = fc.record({
  organizations,
  actions: fc.array(action, { minLength: 3, maxLength: 14 }),
  /** Repeated in this order. */
  outcomes: fc.array(outcome, { minLength: 1, maxLength: 40 }),
  latencies: fc.array(fc.tuple(fc.nat(900), fc.nat(4000)), { minLength: 1, maxLength: 10 }),
  randoms: fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), {
    minLength: 1,
    maxLength: 5,
  }),
});

type Run = typeof run extends fc.Arbitrary<infer T> ? T : never;

function cycle<T>(values: readonly T[]): () => T {
  let index = 0;
  return () => {
    const value = values[index % values.length];
    index += 1;
    if (value === undefined) throw new Error('no values');
    return value;
  };
}

const json = (body: object, status = 200, headers = {}): ApiResponse => ({
  status,
  headers,
  text: JSON.stringify(body),
});

/** Checks the invariants of a world after each event. */
class Watch {
  readonly world: InProcessWorld;
  readonly #nextOutcome: () => Outcome;
  #serial = 0;
  /** The counts that were sent, by the app. */
  readonly #served = new Map<string, { readonly onlyActive: boolean; readonly count: number }[]>();
  readonly #underWay = new Set<ReadCall>();
  readonly #before = new Map<string, OrganizationState>();
  #counters = new Map<string, number>();
  #present = new Set<string>();

  constructor({ outcomes, latencies, randoms }: Run) {
    this.#nextOutcome = cycle(outcomes);
    this.world = new InProcessWorld({
      poll: { rateLimit: RATE_LIMIT, concurrency: 3, retries: 2 },
      random: cycle(randoms),
      latency: cycle(latencies),
      respond: (arrived) => this.#respond(arrived),
      onStart: (call) => void this.#underWay.add(call),
      onEnd: (call) => void this.#underWay.delete(call),
      onSettled: () => this.#check(),
    });
    for (const name of ['a', 'b', 'c']) this.world.addApp(name, 1, 1);
  }

  configuration(wanted: Run['organizations']) {
    return this.world.configure(
      wanted.map(
        ({ name, interval, staleness, isSecretRight }): OrganizationConfiguration =>
          this.world.organization(name, {
            credentials: {
              kind: 'internal_app',
              clientId: clientIdOf(appOf(name)),
              clientSecret: { kind: 'inline', value: isSecretRight ? secretOf(appOf(name)) : 'wrong' },
            },
            pollInterval: interval,
            failureInterval: Math.min(interval, 5 * MINUTE),
            maxStaleness: staleness,
          }),
      ),
    );
  }

  /** Both counts or neither, and counters that never decrease. */
  async checkExposition(): Promise<void> {
    await this.world.settle();
    const text = (await this.world.exporter.exposition()).toString('utf8');
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    const samples = new Map(
      lines.map((line): [string, number] => {
        const space = line.lastIndexOf(' ');
        return [line.slice(0, space), Number(line.slice(space + 1))];
      }),
    );
    const present = new Set(this.world.exporter.organizations().map(({ name }) => name));
    for (const name of NAMES) {
      const of = (metric: string) => samples.get(`${metric}{organization="${name}"}`);
      const known = this.world.exporter.organizations().find((one) => one.name === name)?.headcount;
      expect([of('dingtalk_employees'), of('dingtalk_employees_active')]).toEqual([
        known?.employees,
        known?.active,
      ]);
      expect(of('dingtalk_polls_total') !== undefined).toBe(present.has(name));
    }
    const counters = new Map(
      Array.from(samples).filter(([series]) => /_total(?:\{|$)|_count\{|_bucket\{/u.test(series)),
    );
    for (const [series, before] of this.#counters) {
      const name = /organization="(.)"/u.exec(series)?.[1];
      if (name !== undefined && !(present.has(name) && this.#present.has(name))) continue;
      expect(counters.get(series) ?? -1).toBeGreaterThanOrEqual(before);
    }
    this.#counters = counters;
    this.#present = present;
    // Every call is counted once.
    const requests = ['token', 'user_count'].map(
      (endpoint) => samples.get(`dingtalk_api_requests_total{endpoint="${endpoint}"}`) ?? 0,
    );
    expect(requests.reduce((sum, each) => sum + each, 0)).toBe(this.world.dingtalk.ended);
  }

  /** A reload removes organizations; those that a later one adds again start from zero. */
  forget(): void {
    const present = new Set(this.world.exporter.organizations().map(({ name }) => name));
    for (const name of NAMES) if (!present.has(name)) this.#before.delete(name);
    this.#present = new Set(Array.from(this.#present).filter((name) => present.has(name)));
  }

  #respond(arrived: ReadCall): Response {
    const { endpoint, onlyActive, organization } = arrived;
    const outcome = this.#nextOutcome();
    switch (outcome) {
      case 'right':
      case 'more active than all': {
        this.#serial += 1;
        if (endpoint !== 'user_count' || organization === undefined || onlyActive === undefined)
          return arrived.honest();
        organization.employees = 10_000 + this.#serial;
        organization.active = (outcome === 'right' ? 0 : 1_000_000) + this.#serial;
        const answer = arrived.honest();
        const served = this.#served.get(organization.clientId) ?? [];
        this.#served.set(organization.clientId, served);
        if (answer.text.includes('"errcode":0')) {
          served.push({ onlyActive, count: onlyActive ? organization.active : organization.employees });
        }
        return answer;
      }
      case 'busy':
        return endpoint === 'token' ? json({ code: 'x' }, 503) : json({ errcode: -1 });
      case 'throttled':
        return json({ code: 'x' }, 429);
      case 'throttled for long':
        return json({ code: 'x' }, 429, { 'retry-after': '30' });
      case 'refused token':
        if (organization !== undefined) this.world.dingtalk.apps.revokeTokens(organization);
        return arrived.honest();
      case 'silence':
        return 'silence';
      case 'cut':
        return Object.assign(new Error('cut'), { code: 'ECONNRESET' });
      case 'nonsense':
        return { status: 200, headers: {}, text: '<html>' };
      case 'forbidden':
        return json({ errcode: 60020, errmsg: 'not from 203.0.113.9' });
      case 'address block':
        return json({ status: 1111, punish: 'deny' });
    }
  }

  #check(): void {
    const { exporter, clock, dingtalk } = this.world;
    expect(dingtalk.busiestSecond).toBeLessThanOrEqual(RATE_LIMIT);
    expect(dingtalk.inFlight).toBeLessThanOrEqual(3);
    expect(exporter.healthy()).toBe(true);
    this.#expectNoneTwice();
    for (const state of exporter.organizations()) {
      const { headcount, lastPoll, name } = state;
      const before = this.#before.get(name);
      this.#before.set(name, state);
      expect(state.polls).toBeGreaterThanOrEqual(before?.polls ?? 0);
      expect(state.pollFailures).toBeGreaterThanOrEqual(before?.pollFailures ?? 0);
      expect(state.pollFailures).toBeLessThanOrEqual(state.polls);
      if (headcount === undefined) {
        // A headcount is not missing while the last poll succeeded.
        expect(lastPoll === undefined || lastPoll.failure !== undefined).toBe(true);
        continue;
      }
      expect(headcount.active).toBeLessThanOrEqual(headcount.employees);
      expect(clock.monotonicTime() - headcount.readAt).toBeLessThan(state.maxStaleness);
      if (before?.headcount !== headcount) this.#expectServed(name, headcount.employees, headcount.active);
    }
  }

  /** No organization is polled twice at once, and no token is fetched twice at once. */
  #expectNoneTwice(): void {
    const keys = Array.from(this.#underWay, ({ endpoint, organization, outgoing }) =>
      endpoint === 'token' ? outgoing.body : organization?.clientId,
    )
      // Two organizations share this app, and may be counted at the same time.
      .filter((key) => key !== clientIdOf('c'));
    expect(new Set(keys).size).toBe(keys.length);
  }

  /** Both counts were sent, one directly after the other. */
  #expectServed(name: string, employees: number, active: number): void {
    const served = this.#served.get(clientIdOf(appOf(name))) ?? [];
    const all = served.findIndex(({ onlyActive, count }) => !onlyActive && count === employees);
    const after = served.findIndex(({ onlyActive, count }) => onlyActive && count === active);
    expect(all).toBeGreaterThanOrEqual(0);
    expect(after).toBeGreaterThan(all);
    // Organizations that share an app may be polled at the same time.
    if (appOf(name) !== 'c')
      expect(served.slice(all + 1, after).some(({ onlyActive }) => !onlyActive)).toBe(false);
  }
}

describe('any sequence of polls, failures, reloads and steps of the clock', () => {
  it('keeps the invariants', { timeout: 600_000 }, async () => {
    let successes = 0;
    let failures = 0;
    await fc.assert(
      fc.asyncProperty(run, async (given) => {
        const watch = new Watch(given);
        const { world } = watch;
        await world.start(watch.configuration(given.organizations));
        for (const action of given.actions) {
          switch (action.kind) {
            case 'advance':
              await world.advance(action.by);
              break;
            case 'step':
              world.clock.stepWallClock(action.by);
              break;
            case 'reload':
              world.next = watch.configuration(action.organizations);
              await world.exporter.reload();
              watch.forget();
              await world.advance(0);
              break;
            case 'broken reload':
              world.next = new Error('broken');
              await expect(world.exporter.reload()).rejects.toThrow('broken');
              break;
          }
          await watch.checkExposition();
        }
        for (const { polls, pollFailures } of world.exporter.organizations()) {
          successes += polls - pollFailures;
          failures += pollFailures;
        }
        await world.exporter.close();
        await world.settle();
        expect(world.clock.pendingTimers).toBe(0);
        expect(world.dingtalk.inFlight).toBe(0);
        expect(world.warnings.lines).not.toContain('poll failed: bug in the exporter');
      }),
      { numRuns: 100 },
    );
    expect(successes).toBeGreaterThan(200);
    expect(failures).toBeGreaterThan(200);
  });
});

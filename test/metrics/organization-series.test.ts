import fc from 'fast-check';
import { Counter, Gauge, Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { ENDPOINTS, REASONS } from '../../src/dingtalk/reason.ts';
import { ORGANIZATION_FAMILIES } from '../../src/metrics/organization-families.ts';
import { OrganizationSeries } from '../../src/metrics/organization-series.ts';
import { PiecedText } from '../../src/pieces/pieced-text.ts';
import type { OrganizationState } from '../../src/polling/organization-state.ts';

/** What prom-client prints for the same values, a family after the other. */
async function printedByPromClient(states: readonly OrganizationState[]): Promise<string> {
  const registry = new Registry();
  for (const { name, type, help, labelNames, samples } of ORGANIZATION_FAMILIES) {
    const options = { name, help, labelNames: ['organization', ...labelNames], registers: [registry] };
    const metric = type === 'gauge' ? new Gauge(options) : new Counter(options);
    for (const state of states) {
      for (const { labels, value } of samples(state))
        metric.inc({ organization: state.name, ...labels }, value);
    }
  }
  // The line between two families is part of ours, for more follow.
  return `${await registry.metrics()}\n`;
}

function textOf(series: OrganizationSeries): string {
  return new PiecedText(series.pieces()).toBuffer().toString('utf8');
}

function seriesOf(states: readonly OrganizationState[]): OrganizationSeries {
  const series = new OrganizationSeries();
  for (const state of states) series.update(state);
  return series;
}

const HOSTILE = [
  'quotes "inside"',
  'a backslash \\ and two \\\\',
  'ends with \\',
  'a \\n that is none',
  'a real\nnew line\r\n',
  '\\"',
  '"} 1\nforged_metric 1\ndingtalk_employees{organization="x',
  '{braces} and , commas = signs # hash',
  '$& $1 $$ `x`',
  '__proto__',
  'constructor',
  'toString',
  '示例公司 🏢 é',
  '\u2028 and \u2029',
  ' spaces ',
  '42',
  '',
];

const moment = fc.option(fc.double({ min: 0, max: 8.64e15, noNaN: true }), { nil: undefined });
const duration = fc.oneof(
  fc.integer({ min: 0, max: 604_800_000 }),
  fc.double({ min: 0, max: 1e9, noNaN: true }),
);
const people = fc.oneof(fc.nat(), fc.maxSafeNat());

const anyState = (name: fc.Arbitrary<string>): fc.Arbitrary<OrganizationState> =>
  fc.record({
    name,
    pollInterval: duration,
    maxStaleness: duration,
    headcount: fc.option(fc.record({ employees: people, active: people, readAt: duration }), {
      nil: undefined,
    }),
    lastSuccessAt: moment,
    lastPoll: fc.option(
      fc.record({
        endedAt: fc.double({ min: 0, max: 8.64e15, noNaN: true }),
        duration,
        failure: fc.option(
          fc.record({
            reason: fc.constantFrom(...REASONS),
            message: fc.string(),
            endpoint: fc.constantFrom(...ENDPOINTS),
            action: fc.constant('stop' as const),
            hint: fc.constant('wait' as const),
            errorCode: fc.constant(undefined),
            subCode: fc.constant(undefined),
            errorMessage: fc.constant(undefined),
            requestId: fc.constant(undefined),
          }),
          { nil: undefined },
        ),
      }),
      { nil: undefined },
    ),
    failingSince: moment,
    polls: fc.nat(),
    pollFailures: fc.nat(),
    tokenExpiresAt: moment,
    course: fc.constant([]),
  });

const anyName = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary', maxLength: 40 }));

describe('the series by organization', () => {
  it('are the text that prom-client prints for the same values, byte by byte', async () => {
    const states = fc.uniqueArray(anyState(anyName), { selector: ({ name }) => name, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(states, async (known) => {
        expect(textOf(seriesOf(known))).toBe(await printedByPromClient(known));
      }),
    );
  });

  it.each(HOSTILE)('are so for an organization called %j', async (name) => {
    const [state] = fc.sample(anyState(fc.constant(name)), 1);
    const known =
      state === undefined ? [] : [{ ...state, headcount: { employees: 3, active: 2, readAt: 0 } }];
    const text = textOf(seriesOf(known));
    expect(text).toBe(await printedByPromClient(known));
    expect(text.match(/^dingtalk_employees\{/gmu)).toHaveLength(1);
    expect(text).not.toMatch(/^forged_metric/mu);
  });

  it('are so for more organizations than a block holds', async () => {
    const states = fc.sample(anyState(anyName), 400).map((state, index) => ({ ...state, name: `${index}` }));
    expect(textOf(seriesOf(states))).toBe(await printedByPromClient(states));
  });

  it('show the last of what was told, however changes, removals and turns of the event loop are mixed', async () => {
    const step = fc.oneof(
      {
        weight: 4,
        arbitrary: anyState(fc.nat(300).map(String)).map((state) => ({ kind: 'update', state }) as const),
      },
      { weight: 2, arbitrary: fc.nat(300).map((name) => ({ kind: 'remove', name: String(name) }) as const) },
      { weight: 1, arbitrary: fc.constant({ kind: 'turn' } as const) },
      { weight: 1, arbitrary: fc.constant({ kind: 'scrape' } as const) },
    );
    const first = fc
      .sample(anyState(fc.constant('')), 300)
      .map((state, index) => ({ ...state, name: `${index}` }));
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const series = seriesOf(first);
        const known = new Map(first.map((state) => [state.name, state]));
        for (const each of steps) {
          switch (each.kind) {
            case 'update':
              series.update(each.state);
              known.set(each.state.name, each.state);
              break;
            case 'remove':
              series.remove(each.name);
              known.delete(each.name);
              break;
            case 'turn':
              await new Promise((resolve) => setImmediate(resolve));
              break;
            case 'scrape':
              series.pieces();
              break;
          }
        }
        expect(textOf(series)).toBe(textOf(seriesOf([...known.values()])));
      }),
      { numRuns: 30 },
    );
  });

  it('is compressed ahead of the next scrape once a scrape wanted it compressed, and not before', async () => {
    const [state] = fc.sample(anyState(fc.constant('acme')), { numRuns: 1, seed: 1 });
    if (state === undefined) throw new Error('no sample');
    const series = seriesOf([state]);
    const compressedAfterAPoll = async (): Promise<boolean> => {
      series.update({ ...state, polls: state.polls + 1 });
      await new Promise((resolve) => setImmediate(resolve));
      return series.pieces().every(({ isCompressed }) => isCompressed);
    };
    expect(await compressedAfterAPoll()).toBe(false);
    await new PiecedText(series.pieces()).gzip();
    expect(await compressedAfterAPoll()).toBe(true);
    expect(await compressedAfterAPoll()).toBe(true);
  });
});

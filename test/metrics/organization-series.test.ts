import fc from 'fast-check';
import { Counter, Gauge, Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { ENDPOINTS, REASONS } from '../../src/dingtalk/reason.ts';
import { ORGANIZATION_FAMILIES } from '../../src/metrics/organization-families.ts';
import { OrganizationSeries } from '../../src/metrics/organization-series.ts';
import type { OrganizationState } from '../../src/polling/organization-state.ts';

/** What prom-client prints for the same values. */
async function printedByPromClient(states: readonly OrganizationState[]): Promise<string> {
  const registry = new Registry();
  for (const { name, type, help, value, reason } of ORGANIZATION_FAMILIES) {
    const options = { name, help, labelNames: ['organization', 'reason'], registers: [registry] };
    const metric = type === 'gauge' ? new Gauge(options) : new Counter(options);
    for (const state of states) {
      const known = value(state);
      if (known === undefined) continue;
      metric.inc({ organization: state.name, ...(reason && { reason: reason(state) }) }, known);
    }
  }
  // prom-client prints an empty line between families, but not after the last one.
  return `${await registry.metrics()}\n`;
}

function rendered(series: OrganizationSeries, states: readonly OrganizationState[]): string {
  return Buffer.concat(series.render(states)).toString('utf8');
}

const textOf = (states: readonly OrganizationState[]) => rendered(new OrganizationSeries(), states);

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
    history: fc.constant([]),
  });

const anyName = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary', maxLength: 40 }));

describe('the series by organization', () => {
  it('are exactly the text of prom-client for the same values', async () => {
    const states = fc.uniqueArray(anyState(anyName), { selector: ({ name }) => name, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(states, async (known) => {
        expect(textOf(known)).toBe(await printedByPromClient(known));
      }),
    );
  });

  it('are the same for more organizations than a block holds', async () => {
    const states = fc.sample(anyState(anyName), 400).map((state, index) => ({ ...state, name: `${index}` }));
    expect(textOf(states)).toBe(await printedByPromClient(states));
  });

  it('do not depend on what was rendered before', async () => {
    const first = fc
      .sample(anyState(fc.constant('')), 300)
      .map((state, index) => ({ ...state, name: `${index}` }));
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ at: fc.nat(299), state: anyState(fc.constant('new')) }) },
      { weight: 1, arbitrary: fc.record({ at: fc.nat(299), state: fc.constant(undefined) }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(step, { maxLength: 5 }), { maxLength: 8 }), async (scrapes) => {
        const series = new OrganizationSeries();
        let states = first;
        for (const steps of scrapes) {
          for (const { at, state } of steps) {
            const name = states[at]?.name ?? 'another';
            states = states.toSpliced(at, 1, ...(state === undefined ? [] : [{ ...state, name }]));
          }
          expect(rendered(series, states)).toBe(textOf(states));
        }
      }),
      { numRuns: 30 },
    );
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RunningDemo, runDemo } from '../../src/demo/demo.ts';
import { DemoOrganization } from '../../src/demo/organization.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { eventually } from '../support/until.ts';

/** Reproducible pseudorandom numbers. */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('the demo', () => {
  let clock: ManualClock;
  let demo: RunningDemo;
  beforeEach(async () => {
    clock = new ManualClock();
    demo = await runDemo(clock, seededRandom(1));
  });
  afterEach(() => demo.close());

  const post = (path: string, body: string): Promise<Response> => {
    const origin = demo.configuration.organizations[0]?.endpoints.api;
    return fetch(`${origin}${path}`, { method: 'POST', body });
  };

  async function fetchToken(name: string): Promise<string> {
    const credentials = demo.configuration.organizations.find((each) => each.name === name)?.credentials;
    if (credentials === undefined || !('clientSecret' in credentials)) throw new Error(`${name} has no app`);
    const clientSecret = credentials.clientSecret.kind === 'inline' ? credentials.clientSecret.value : '';
    const answer =
      credentials.kind === 'internal_app'
        ? await post(
            '/v1.0/oauth2/accessToken',
            JSON.stringify({ appKey: credentials.clientId, appSecret: clientSecret }),
          )
        : await post(
            `/v1.0/oauth2/${credentials.corpId}/token`,
            JSON.stringify({
              client_id: credentials.clientId,
              client_secret: clientSecret,
              grant_type: 'client_credentials',
            }),
          );
    const fields = Object.entries(JSON.parse(await answer.text()));
    return String(fields[0]?.[1]);
  }

  /** One counting call; the clock advances by the delay of its answer. */
  async function count(token: string, onlyActive: boolean): Promise<Record<string, unknown>> {
    const answer = post(`/topapi/user/count?access_token=${token}`, `only_active=${onlyActive}`);
    // The timers of the answer and of the next step.
    await eventually(() => clock.pendingTimers).toBe(2);
    clock.advance(250);
    return JSON.parse(await (await answer).text());
  }

  it('serves both counts of three organizations, to internal and third-party apps', async () => {
    const counts: unknown[] = [];
    for (const { name } of demo.configuration.organizations) {
      const token = await fetchToken(name);
      counts.push([name, (await count(token, false))['result'], (await count(token, true))['result']]);
    }
    expect(counts).toEqual([
      ['星河科技', { count: 1240 }, { count: 1132 }],
      ['Nordwind Studio', { count: 86 }, { count: 79 }],
      ['Aurora Logistics', { count: 14_300 }, { count: 10_868 }],
    ]);
  });

  it('changes the counts, and one organization loses its permission from time to time', async () => {
    const lost = (answer: Record<string, unknown>): boolean => answer['sub_code'] === '60011';
    const [other, unreliable] = [await fetchToken('Aurora Logistics'), await fetchToken('Nordwind Studio')];
    const counts: unknown[] = [];
    const losses: boolean[] = [];
    for (let poll = 0; poll < 40; poll += 1) {
      const answer = await count(other, false);
      expect(lost(answer)).toBe(false);
      counts.push(JSON.stringify(answer['result']));
      losses.push(lost(await count(unreliable, false)));
      clock.advance(5000);
    }
    expect(new Set(counts).size).toBeGreaterThan(15);
    expect(losses.slice(0, 3)).toEqual([false, false, false]);
    const recoveries = losses.filter((failed, index) => !failed && losses[index - 1] === true);
    expect(recoveries.length).toBeGreaterThan(1);
  });

  it('leaves no timer when it is closed', async () => {
    await demo.close();
    expect(clock.pendingTimers).toBe(0);
    demo = await runDemo(clock, seededRandom(1));
  });
});

it.each([1, 2, 3])('the counts of an organization stay near their first values (seed %i)', (seed) => {
  const random = seededRandom(seed);
  for (const [employees, active] of [
    [86, 79],
    [14_300, 10_868],
  ] as const) {
    const organization = new DemoOrganization({ name: 'a', clientId: 'a', employees, active });
    const seen = Array.from({ length: 20_000 }, () => {
      organization.step(random);
      return { employees: organization.employees, active: organization.active };
    });
    expect(seen.filter((each) => each.active > each.employees)).toEqual([]);
    const deviates = (value: number, usual: number): boolean => Math.abs(value / usual - 1) > 0.25;
    expect(
      seen.filter((each) => deviates(each.employees, employees) || deviates(each.active, active)),
    ).toEqual([]);
    expect(new Set(seen.map((each) => each.employees)).size).toBeGreaterThan(5);
  }
});

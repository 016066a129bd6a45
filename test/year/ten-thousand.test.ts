import { beforeEach, describe, expect, it } from 'vitest';
import { placeInInterval } from '../../src/headcount/schedule.ts';
import { clientIdOf, InProcessWorld } from '../support/in-process.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const INTERVAL = 30 * MINUTE;
const ORGANIZATIONS = 10_000;
const RATE_LIMIT = 20;

beforeEach(() => {
  // As in the program itself: vitest's hundred frames an error cost more than a poll does.
  Error.stackTraceLimit = 10;
});

describe('10,000 organisations at the default rate limit', () => {
  it('are polled evenly and in time, and DingTalk is called as seldom as can be', {
    timeout: 240_000,
  }, async () => {
    const begun = new Map<string, number[]>();
    const tokens = new Map<string, number[]>();
    const world = new InProcessWorld({
      poll: { rateLimit: RATE_LIMIT },
      // As from far away: every call takes 80 ms.
      latency: () => [40, 40],
      onArrival: ({ endpoint, onlyActive, organization }) => {
        const moments = endpoint === 'token' ? tokens : onlyActive === false ? begun : undefined;
        moments?.get(organization?.clientId ?? '')?.push(world.clock.monotonicTime());
      },
    });
    const names = Array.from({ length: ORGANIZATIONS }, (_, index) => `organization ${index}`);
    for (const name of names) {
      const { clientId } = world.addApp(name, 100, 90);
      begun.set(clientId, []);
      tokens.set(clientId, []);
    }
    const startedAt = world.clock.wallTime();
    await world.start(world.configure(names.map((name) => world.organization(name))));
    await world.advance(2.5 * HOUR);

    const lateness: number[] = [];
    const perMinute = new Map<number, number>();
    let widest = 0;
    let lastFirst = 0;
    for (const name of names) {
      const moments = begun.get(clientIdOf(name)) ?? [];
      const place = placeInInterval(name, INTERVAL);
      lastFirst = Math.max(lastFirst, moments[0] ?? Infinity);
      for (const [index, moment] of moments.entries()) {
        if (index === 0) continue;
        widest = Math.max(widest, moment - (moments[index - 1] ?? 0));
        const late = (startedAt + moment - place) % INTERVAL;
        lateness.push(late);
        const minute = Math.floor(moment / MINUTE);
        perMinute.set(minute, (perMinute.get(minute) ?? 0) + 1);
        void index;
      }
    }
    const byTime: Record<number, number> = {};
    for (const name of names) {
      const place = placeInInterval(name, INTERVAL);
      for (const moment of (begun.get(clientIdOf(name)) ?? []).slice(1)) {
        const slot = Math.floor(moment / (10 * MINUTE));
        byTime[slot] = Math.max(byTime[slot] ?? 0, ((startedAt + moment - place) % INTERVAL) / 1000);
      }
    }
    console.log(
      JSON.stringify({
        lastFirst,
        widest,
        byTime,
        busiest: world.dingtalk.busiestSecond,
        perMinute: [...perMinute],
        w: world.warnings.lines.length,
        tok: world.dingtalk.arrived('token'),
        cnt: world.dingtalk.arrived('user_count'),
        t: HOUR,
      }),
    );
    expect(1).toBe(1);
  });
});

import { expect, onTestFinished, test } from 'vitest';
import { ManualClock } from '../support/manual-clock.ts';
import { type Received, seededRandom, send, sendJson } from './client.ts';
import { type Demo, type DemoOrganization, startDemo } from './demo.ts';

async function demoForTest(seed = 1): Promise<{ demo: Demo; clock: ManualClock }> {
  const clock = new ManualClock();
  const demo = await startDemo({ clock, random: seededRandom(seed) });
  onTestFinished(() => demo.close());
  return { demo, clock };
}

async function tokenOf(demo: Demo, organization: DemoOrganization): Promise<string> {
  const { clientId, clientSecret, corpId } = organization;
  const answer =
    corpId === undefined
      ? await sendJson(`${demo.origin}/v1.0/oauth2/accessToken`, {
          appKey: clientId,
          appSecret: clientSecret,
        })
      : await sendJson(`${demo.origin}/v1.0/oauth2/${corpId}/token`, {
          client_id: clientId,
          client_secret: clientSecret,
          grant_type: 'client_credentials',
        });
  const body = JSON.parse(answer.text);
  return body.accessToken ?? body.access_token;
}

/** One counting call. Where its answer is late, the clock moves on for as long as that takes. */
async function countOnce(
  demo: Demo,
  clock: ManualClock,
  token: string,
  onlyActive: boolean,
): Promise<Received> {
  let answered = false;
  const answer = send(`${demo.origin}/topapi/user/count?access_token=${encodeURIComponent(token)}`, {
    body: new URLSearchParams({ only_active: String(onlyActive) }),
  }).finally(() => {
    answered = true;
  });
  // One timer is that of the next step, another one that of the answer.
  while (!answered && clock.pendingTimers === 1) await new Promise((resolve) => setImmediate(resolve));
  while (clock.pendingTimers > 1) clock.advance(clock.untilNextTimer ?? 0);
  return answer;
}

/** What a call came to: `ok`, an errcode, a sub-code, or an HTTP status. */
function outcome(answer: Received): string {
  if (answer.status !== 200) return `HTTP ${answer.status}`;
  const body = JSON.parse(answer.text);
  return body.errcode === 0 ? 'ok' : String(body.sub_code ?? body.errcode);
}

test('has three organizations of different kinds and sizes, one of them with a Chinese name', async () => {
  const { demo } = await demoForTest();
  expect(demo.organizations.map(({ name, headcount }) => [name, headcount.employees])).toEqual([
    ['星河科技', 1240],
    ['Nordwind Studio', 86],
    ['Aurora Logistics', 14_300],
  ]);
  expect(demo.organizations.map(({ corpId }) => corpId)).toEqual(['ding-demo-xinghe', undefined, undefined]);
  for (const { clientSecret, clientId } of demo.organizations) {
    expect(clientSecret).toBe(`demo-secret-of-${clientId}`);
  }
});

test('answers the first polls of every organization well', async () => {
  const { demo, clock } = await demoForTest();
  for (const organization of demo.organizations) {
    const token = await tokenOf(demo, organization);
    for (const onlyActive of [false, true, false, true]) {
      const { employees, active } = organization.headcount;
      const answer = await send(
        `${demo.origin}/topapi/user/count?access_token=${encodeURIComponent(token)}`,
        { body: new URLSearchParams({ only_active: String(onlyActive) }) },
      );
      expect(JSON.parse(answer.text).result).toEqual({ count: onlyActive ? active : employees });
      clock.advance(10_000);
    }
  }
});

test('answers even an impatient client well for the first 15 seconds', async () => {
  const { demo, clock } = await demoForTest();
  const tokens = await Promise.all(demo.organizations.map((organization) => tokenOf(demo, organization)));
  const outcomes: string[] = [];
  for (let poll = 0; poll < 48; poll += 1) {
    for (const token of tokens) {
      const answer = await send(
        `${demo.origin}/topapi/user/count?access_token=${encodeURIComponent(token)}`,
        {
          body: new URLSearchParams({ only_active: 'true' }),
        },
      );
      outcomes.push(outcome(answer));
    }
    clock.advance(300);
  }
  expect(outcomes.length).toBe(144);
  expect(new Set(outcomes)).toEqual(new Set(['ok']));
});

test('never has more active people than people, over thousands of steps of each seed', async () => {
  for (const seed of [1, 2, 3]) {
    const { demo, clock } = await demoForTest(seed);
    const seen = demo.organizations.map(() => new Set<number>());
    const broken: string[] = [];
    for (let second = 0; second < 20_000; second += 1) {
      clock.advance(1000);
      for (const [index, { name, headcount }] of demo.organizations.entries()) {
        const { employees, active } = headcount;
        if (!(active >= 0 && active <= employees)) broken.push(`${name}: ${active} of ${employees}`);
        seen[index]?.add(employees);
      }
    }
    expect(broken).toEqual([]);
    for (const sizes of seen) expect(sizes.size).toBeGreaterThan(5);
  }
});

test('some number has changed within 10 seconds, and every organization within two minutes', async () => {
  const { demo, clock } = await demoForTest();
  const numbers = (): string[] =>
    demo.organizations.map(({ headcount }) => `${headcount.employees} ${headcount.active}`);
  const first = numbers();
  clock.advance(10_000);
  expect(numbers()).not.toEqual(first);
  clock.advance(110_000);
  for (const [index, now] of numbers().entries()) expect(now).not.toBe(first[index]);
});

test('most calls go well, and each kind of failure comes up', async () => {
  const { demo, clock } = await demoForTest();
  const tokens = await Promise.all(demo.organizations.map((organization) => tokenOf(demo, organization)));
  const outcomes = new Map<string, number>();
  for (let poll = 0; poll < 80; poll += 1) {
    for (const token of tokens) {
      const answer = await countOnce(demo, clock, token, poll % 2 === 0);
      outcomes.set(outcome(answer), (outcomes.get(outcome(answer)) ?? 0) + 1);
    }
    clock.advance(5000);
  }
  expect([...outcomes.keys()].sort()).toEqual(['-1', '60011', 'HTTP 429', 'HTTP 500', 'ok']);
  expect(outcomes.get('ok')).toBeGreaterThan(190);
});

test('an episode befalls one organization at a time, and ends', async () => {
  const { demo, clock } = await demoForTest(5);
  const tokens = await Promise.all(demo.organizations.map((organization) => tokenOf(demo, organization)));
  const polls: string[] = [];
  for (let poll = 0; poll < 60; poll += 1) {
    let blocked = '';
    for (const token of tokens) {
      blocked += outcome(await countOnce(demo, clock, token, true)) === '60011' ? 'x' : '-';
    }
    polls.push(blocked);
    clock.advance(5000);
  }
  expect(new Set(polls)).toEqual(new Set(['---', '--x', '-x-', 'x--']));
  const episodes = polls.join(' ').match(/[x-]*x[x-]*(?: [x-]*x[x-]*)*/g) ?? [];
  expect(episodes.length).toBeGreaterThan(2);
  // At most 20 s and the rest of a step: no more than five polls that are 5 s apart.
  for (const episode of episodes) expect(episode.split(' ').length).toBeLessThanOrEqual(5);
});

test('leaves no timer behind when it is closed', async () => {
  const clock = new ManualClock();
  const demo = await startDemo({ clock, random: seededRandom(1) });
  expect(clock.pendingTimers).toBe(1);
  await demo.close();
  expect(clock.pendingTimers).toBe(0);
});

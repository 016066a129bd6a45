import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ApiCalls } from '../../src/dingtalk/call.ts';
import type { ApiRequest } from '../../src/dingtalk/requests.ts';
import type { ApiResponse } from '../../src/dingtalk/transport.ts';
import { PollRun } from '../../src/polling/poll-run.ts';
import { Hold } from '../simulator/hold.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { World } from '../support/world.ts';

const LIMITS = { rateLimit: 10_000, concurrency: 10_000, requestTimeout: 10_000 };
const OK: ApiResponse = { status: 200, headers: {}, text: '{}' };

const requestTo = (path: string, secret: string): ApiRequest<boolean> => ({
  endpoint: 'token',
  url: new URL(path, 'https://api.dingtalk.test'),
  contentType: 'application/json',
  body: '',
  secrets: [secret],
  read: () => ({ value: true }),
});

describe('a call in flight', () => {
  let world: World;
  beforeEach(async () => {
    world = await World.create();
  });
  afterEach(() => world.close());

  it('is not a failure if a reload removes its organization', async () => {
    const hold = new Hold();
    world.simulator.script.once('token', hold.behavior);
    world.exporter.start();
    await hold.whenHeld();
    world.nextConfiguration = world.configure([]);
    await world.exporter.reload();
    await world.settle();
    const text = await world.metrics();
    expect(text).toContain('dingtalk_api_requests_total{endpoint="token"} 1\n');
    expect(text).not.toMatch(/^dingtalk_api_request_failures_total\{.*\} [^0]/mu);
  });
});

describe('the secrets of a call with a late answer', () => {
  it('are hidden after any number of calls with other secrets', async () => {
    const clock = new ManualClock();
    let answerLate = (_response: ApiResponse): void => undefined;
    const calls = new ApiCalls({
      transport: {
        post: ({ url }) =>
          url.pathname === '/late'
            ? new Promise((resolve) => {
                answerLate = resolve;
              })
            : Promise.resolve(OK),
      },
      clock,
      limits: LIMITS,
      onRequest: () => undefined,
    });
    const make = (path: string, secret: string): Promise<boolean> =>
      calls.make(requestTo(path, secret), new PollRun(clock, 60_000));
    const late = make('/late', 'Xk7vQ2mZpW9r');
    for (let other = 0; other < 600; other += 1) await make('/', `secret-of-another-one-${other}`);
    answerLate({ status: 400, headers: {}, text: '{"code":"x","message":"not Xk7vQ2mZpW9r"}' });
    await expect(late).rejects.toThrow('HTTP 400, code x, not [hidden]');
  });
});

it('a call leaves no listener on the signal of its poll', async () => {
  const clock = new ManualClock();
  const run = new PollRun(clock, 60_000);
  const transport = { post: async () => OK };
  const calls = new ApiCalls({ transport, clock, limits: LIMITS, onRequest: () => undefined });
  await calls.make(requestTo('/', 'secret'), run);
  expect(getEventListeners(run.callSignal, 'abort')).toEqual([]);
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Answer } from '../../src/dingtalk/answer.ts';
import { ApiCalls } from '../../src/dingtalk/call.ts';
import { Exporter } from '../../src/exporter.ts';
import { PollRun } from '../../src/polling/poll-run.ts';
import { Hold } from '../simulator/hold.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { World } from '../support/world.ts';

describe('what a call that ended otherwise counts as', () => {
  let world: World;
  beforeEach(async () => {
    world = await World.create();
  });
  afterEach(() => world.close());

  it('no failure, where its organization was taken out meanwhile', async () => {
    const hold = new Hold();
    world.simulator.script.once('token', hold.behavior);
    world.exporter.start();
    await hold.whenHeld();
    world.nextConfiguration = world.configure([]);
    await world.exporter.reload();
    await world.quiet();
    const text = await world.metrics();
    expect(text).toContain('dingtalk_api_requests_total{endpoint="token"} 1\n');
    expect(text).not.toMatch(/^dingtalk_api_request_failures_total\{.*\} [^0]/mu);
  });

  it('a fault of ours, which is logged and no failure of the network', async () => {
    const exporter = new Exporter({
      configuration: world.configuration,
      load: async () => world.configuration,
      transport: {
        post: async () => {
          throw new TypeError('secret-in-a-message');
        },
        close: async () => {},
      },
      clock: world.clock,
      random: () => 0.5,
      logger: world.log,
      build: { version: '1', revision: '1', nodeVersion: '1' },
      processMetrics: false,
    });
    expect(await exporter.pollOnce()).toBe(false);
    const text = (await exporter.exposition()).toString('utf8');
    await exporter.close();
    expect(text).toContain('dingtalk_poll_error{organization="acme",reason="invalid_response"} 1\n');
    expect(text).toContain(
      'dingtalk_api_request_failures_total{endpoint="token",reason="invalid_response"} 1\n',
    );
    expect(text).toContain('dingtalk_api_request_failures_total{endpoint="token",reason="network"} 0\n');
    expect(world.log.messages('error')).toEqual(['poll ended by a fault of the exporter']);
    expect(JSON.stringify(world.log.lines)).not.toContain('secret-in-a-message');
  });
});

describe('the secrets of a call that is answered late', () => {
  it('are hidden still, however many calls with other secrets were made meanwhile', async () => {
    const clock = new ManualClock();
    let answerLate = (_answer: Answer): void => undefined;
    const calls = new ApiCalls({
      transport: {
        post: ({ url }) =>
          url.pathname === '/late'
            ? new Promise((resolve) => {
                answerLate = resolve;
              })
            : Promise.resolve({ status: 200, headers: {}, text: '{}' }),
        close: async () => {},
      },
      clock,
      limits: { rateLimit: 10_000, concurrency: 10_000, requestTimeout: 10_000 },
      onRequest: () => undefined,
    });
    const make = (path: string, secret: string): Promise<boolean> =>
      calls.make(
        {
          endpoint: 'token',
          url: new URL(path, 'https://api.dingtalk.test'),
          contentType: 'application/json',
          body: '',
          secrets: [secret],
          read: () => ({ value: true }),
        },
        new PollRun(clock, 60_000),
      );
    const late = make('/late', 'Xk7vQ2mZpW9r');
    for (let other = 0; other < 600; other += 1) await make('/', `secret-of-another-one-${other}`);
    answerLate({ status: 400, headers: {}, text: '{"code":"x","message":"not Xk7vQ2mZpW9r"}' });
    await expect(late).rejects.toThrow('HTTP 400, code x, not [hidden]');
  });
});

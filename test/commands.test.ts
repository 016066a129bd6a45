import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Context, serve } from '../src/commands.ts';
import { parseFlags } from '../src/config/flags.ts';
import { Hold } from './simulator/hold.ts';
import { type Simulator, startSimulator } from './simulator/simulator.ts';
import { ManualClock } from './support/manual-clock.ts';
import { LogRecord } from './support/world.ts';

const clock = new ManualClock();
let simulator: Simulator;

beforeEach(async () => {
  simulator = await startSimulator({ clock });
  simulator.apps.addInternalApp({ appKey: 'dingacme', appSecret: 'secret', employees: 12, active: 7 });
});
afterEach(() => simulator.close());

function context(args: readonly string[]): Context {
  const environment = {
    DINGTALK_CLIENT_ID: 'dingacme',
    DINGTALK_CLIENT_SECRET: 'secret',
    DINGTALK_API_URL: simulator.origin,
    DINGTALK_OAPI_URL: simulator.origin,
  };
  const parsed = parseFlags(args, environment);
  if (parsed.kind !== 'run') throw new Error('the flags are wrong');
  const logger = new LogRecord();
  return { flags: parsed.flags, environment, clock, random: () => 0.5, logger, nodeVersion: 'v20.19.0' };
}

describe('serving', () => {
  it('stops after the timeout if a call has not ended', async () => {
    const hold = new Hold();
    simulator.script.always('token', hold.behavior);
    const serving = await serve(context(['--web.listen-address=127.0.0.1:0']));
    await hold.whenHeld();
    let stopped = false;
    const stopping = serving.stop(9_500).then(() => {
      stopped = true;
    });
    clock.advance(9_499);
    await new Promise((resolve) => setImmediate(resolve));
    expect(stopped).toBe(false);
    clock.advance(1);
    await stopping;
  });

  it('begins no poll if it cannot listen on an address', async () => {
    await expect(serve(context(['--web.listen-address=127.0.0.1:0,192.0.2.1:1']))).rejects.toThrow(
      'cannot listen on 192.0.2.1:1',
    );
    expect(simulator.requests.count()).toBe(0);
  });
});

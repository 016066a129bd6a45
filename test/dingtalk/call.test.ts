import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Hold } from '../simulator/hold.ts';
import { World } from '../support/world.ts';

describe('a call in flight', () => {
  let world: World;
  beforeEach(async () => {
    world = await World.create();
  });
  afterEach(() => world.close());

  it('is no failure if a reload removes its organization', async () => {
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
});

import { expect, test } from 'vitest';
import { count, plant, startForTest } from './client.ts';
import { Hold } from './hold.ts';
import { plainError } from './replies.ts';

test('an answer waits until it is let go, and tells what is true then', async () => {
  const { simulator } = await startForTest();
  const organization = simulator.apps.addTokenOnly({ employees: 5, active: 3 });
  simulator.apps.plantToken(organization, 'planted');
  const hold = new Hold();
  simulator.script.always('user_count', hold.behavior);
  const answer = count(simulator, 'planted', false);
  await hold.whenHeld();
  organization.employees = 6;
  hold.release();
  expect((await answer).text).toContain('"count":6');
});

test('lets the oldest go first, and later ones wait again', async () => {
  const { simulator } = await startForTest();
  plant(simulator);
  const hold = new Hold();
  simulator.script.always('user_count', hold.behavior);
  const first = count(simulator, 'planted', true);
  await hold.whenHeld();
  const second = count(simulator, 'planted', true);
  await hold.whenHeld(2);
  hold.release(1);
  expect((await first).text).toContain('"request_id":"sim000000001"');
  expect(hold.held).toBe(1);
  hold.release();
  await second;
  const third = count(simulator, 'planted', true);
  await hold.whenHeld();
  hold.open();
  await third;
  expect((await count(simulator, 'planted', true)).text).toContain('"count":80');
});

test('sends another reply where it is given one', async () => {
  const { simulator } = await startForTest();
  const hold = new Hold('first_byte', plainError(-1));
  simulator.script.once('user_count', hold.behavior);
  const answer = count(simulator, 'planted', true);
  await hold.whenHeld();
  hold.release();
  expect((await answer).text).toContain('"errcode":-1');
});

test('holds the body alone', async () => {
  const { simulator } = await startForTest();
  plant(simulator);
  const hold = new Hold('body');
  simulator.script.once('user_count', hold.behavior);
  const response = await fetch(`${simulator.origin}/topapi/user/count?access_token=planted`, {
    method: 'POST',
    body: new URLSearchParams({ only_active: 'true' }),
  });
  expect([response.status, hold.held]).toEqual([200, 1]);
  hold.release();
  expect(await response.text()).toContain('"count":80');
});

test('forgets those whose caller hung up', async () => {
  const { simulator } = await startForTest();
  const hold = new Hold();
  simulator.script.once('user_count', hold.behavior);
  const abort = new AbortController();
  const answer = count(simulator, 'planted', true, { signal: abort.signal });
  await hold.whenHeld();
  abort.abort();
  await expect(answer).rejects.toThrow('aborted');
  await simulator.requests.whenIdle();
  expect(hold.held).toBe(0);
  hold.release();
});

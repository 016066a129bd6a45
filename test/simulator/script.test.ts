import { expect, test } from 'vitest';
import { count, plant, sendJson, startForTest } from './client.ts';
import { honest, plainError } from './replies.ts';

async function errorCodes(
  simulator: Parameters<typeof count>[0],
  kinds: readonly boolean[],
  token = 'planted',
): Promise<number[]> {
  const codes: number[] = [];
  for (const kind of kinds) codes.push(JSON.parse((await count(simulator, token, kind)).text).errcode);
  return codes;
}

test('what is scripted once comes in its order, and is over then', async () => {
  const { simulator } = await startForTest();
  plant(simulator);
  const first = simulator.script.once('user_count', plainError(1), 2);
  const second = simulator.script.once('user_count', plainError(2));
  expect(await errorCodes(simulator, [true, true, true, true])).toEqual([1, 1, 2, 0]);
  expect([first.used, second.used]).toEqual([2, 1]);
});

test('what is scripted once goes before what lasts, and of that the newest is first', async () => {
  const { simulator } = await startForTest();
  plant(simulator);
  simulator.script.always('user_count', plainError(1));
  const newest = simulator.script.always('user_count', plainError(2));
  simulator.script.once('user_count', honest);
  expect(await errorCodes(simulator, [true, true, true])).toEqual([0, 2, 2]);
  newest.stop();
  newest.stop();
  expect(await errorCodes(simulator, [true])).toEqual([1]);
  simulator.script.clear();
  expect(await errorCodes(simulator, [true])).toEqual([0]);
});

test('it is narrowed to one kind of count and one organization', async () => {
  const { simulator } = await startForTest();
  plant(simulator);
  const organization = simulator.apps.addTokenOnly({ employees: 2, active: 1 });
  simulator.apps.plantToken(organization, 'other');
  simulator.script.always({ endpoint: 'user_count', onlyActive: true, organization }, plainError(1));
  expect(await errorCodes(simulator, [true, false], 'other')).toEqual([1, 0]);
  expect(await errorCodes(simulator, [true, false], 'planted')).toEqual([0, 0]);
});

test('it leaves other endpoints alone', async () => {
  const { simulator } = await startForTest();
  simulator.apps.addInternalApp({ appKey: 'key', appSecret: 'secret', employees: 2, active: 1 });
  simulator.script.always('user_count', plainError(1));
  const url = `${simulator.origin}/v1.0/oauth2/accessToken`;
  expect((await sendJson(url, { appKey: 'key', appSecret: 'secret' })).status).toBe(200);
});

test('one taken away before its time is never used', async () => {
  const { simulator } = await startForTest();
  plant(simulator);
  const scripted = simulator.script.once('user_count', plainError(1));
  scripted.stop();
  expect(await errorCodes(simulator, [true])).toEqual([0]);
  expect(scripted.used).toBe(0);
});

import { systemClock } from '../../src/clock.ts';
import { startSimulator } from '../../test/simulator/simulator.ts';

/**
 * The simulated DingTalk in a process of its own, so that its work is not taken for the exporter's.
 * Argument: how many organizations it has. A message asks for the calls that have come so far.
 */
const organizations = Number(process.argv[2] ?? '1');
const simulator = await startSimulator({ clock: systemClock, keptRequests: 1 });
for (let index = 0; index < organizations; index += 1) {
  simulator.apps.addInternalApp({
    appKey: `ding${index}`,
    appSecret: `secret-of-ding${index}`,
    employees: 1000 + index,
    active: 900 + index,
  });
}
process.on('message', () => {
  process.send?.({
    tokenCalls: simulator.requests.count('token'),
    countCalls: simulator.requests.count('user_count'),
  });
});
process.send?.({ port: Number(new URL(simulator.origin).port) });

import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';

/** How long anything outside this process may take until a test gives up (ms): a bound, not an expectation. */
export const DEADLINE = 60_000;

/** Asks again and again until the answer is yes, or throws with what it last said. */
export async function until(what: string, ask: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + DEADLINE;
  let last: unknown = 'no';
  while (performance.now() < deadline) {
    try {
      if (await ask()) return;
      last = 'no';
    } catch (error) {
      last = error;
    }
    await pause(50);
  }
  throw new Error(`${what}: not within ${DEADLINE / 1000} s; last answer: ${String(last)}`, { cause: last });
}

/**
 * An expectation of what will be so before long: said by a program outside, at the other end of a connection, or in a
 * file. It is looked at again and again.
 */
export function eventually<Value>(look: () => Value): ReturnType<typeof expect.poll<Value>> {
  return expect.poll(look, { timeout: DEADLINE, interval: 10 });
}

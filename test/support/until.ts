import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';

/** How long a test waits for anything outside this process (ms). */
export const DEADLINE = 60_000;

/** Repeats a check until it is true; at the deadline it throws with the last result. */
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
    await pause(100);
  }
  throw new Error(`${what}: not within ${DEADLINE / 1000} s; last answer: ${String(last)}`, { cause: last });
}

/** An expectation that is repeated until it holds, for what a program, a connection or a file outside has. */
export function eventually<Value>(look: () => Value): ReturnType<typeof expect.poll<Value>> {
  return expect.poll(look, { timeout: DEADLINE, interval: 50 });
}

import type { Clock } from '../clock.ts';

/** Makes a value when it is asked for, and no more often than each `duration` milliseconds. */
export function keepFor<Value>(duration: number, clock: Clock, make: () => Value): () => Value {
  let kept: { readonly value: Value; readonly madeAt: number } | undefined;
  return () => {
    const now = clock.monotonicTime();
    if (kept === undefined || now - kept.madeAt >= duration) kept = { value: make(), madeAt: now };
    return kept.value;
  };
}

import { describe, expect, it } from 'vitest';
import { coalesce } from '../../src/web/coalesce.ts';

/** A task whose runs end when the test says so. */
function scripted(): { runs: Array<PromiseWithResolvers<string>>; task: () => Promise<string> } {
  const runs: Array<PromiseWithResolvers<string>> = [];
  const task = (): Promise<string> => {
    const run = withResolvers<string>();
    runs.push(run);
    return run.promise;
  };
  return { runs, task };
}

interface PromiseWithResolvers<T> {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (reason: Error) => void;
}

function withResolvers<T>(): PromiseWithResolvers<T> {
  let resolve: (value: T) => void = () => undefined;
  let reject: (reason: Error) => void = () => undefined;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

describe('coalesce', () => {
  it('gives callers during a run the one run that starts after it', async () => {
    const { runs, task } = scripted();
    const run = coalesce(task);
    const first = run();
    const late = [run(), run(), run()];
    expect(runs).toHaveLength(1);
    runs[0]?.resolve('first');
    expect(await first).toBe('first');
    await Promise.resolve();
    expect(runs).toHaveLength(2);
    runs[1]?.resolve('second');
    expect(await Promise.all(late)).toEqual(['second', 'second', 'second']);
    const third = run();
    expect(runs).toHaveLength(3);
    runs[2]?.resolve('third');
    expect(await third).toBe('third');
  });

  it('goes on after a run that failed', async () => {
    const { runs, task } = scripted();
    const run = coalesce(task);
    const first = run();
    const second = run();
    runs[0]?.reject(new Error('broken'));
    await expect(first).rejects.toThrow('broken');
    await Promise.resolve();
    runs[1]?.resolve('well');
    expect(await second).toBe('well');
  });
});

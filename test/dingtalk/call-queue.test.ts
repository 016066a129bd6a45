import { beforeEach, describe, expect, it } from 'vitest';
import { type CallLimits, CallQueue } from '../../src/dingtalk/call-queue.ts';
import { ManualClock } from '../support/manual-clock.ts';

const neverAborted = (): AbortSignal => new AbortController().signal;

describe('the queue of all calls', () => {
  let clock: ManualClock;
  /** What started, in order, and when. */
  let starts: { readonly name: string; readonly at: number }[];
  let endCall: Map<string, () => void>;
  beforeEach(() => {
    clock = new ManualClock();
    starts = [];
    endCall = new Map();
  });

  const queueOf = (limits: Partial<CallLimits>): CallQueue =>
    new CallQueue(clock, { rateLimit: 10_000, concurrency: 10_000, ...limits });

  /** Queues a call that ends when it is told to. */
  function add(queue: CallQueue, name: string, isUnderWay = false, signal = neverAborted()): Promise<void> {
    const call = (): Promise<void> => {
      starts.push({ name, at: clock.monotonicTime() });
      return new Promise((resolve) => endCall.set(name, resolve));
    };
    return queue.run(call, isUnderWay, signal);
  }

  async function end(name: string): Promise<void> {
    endCall.get(name)?.();
    await new Promise((resolve) => setImmediate(resolve));
  }

  const names = (): string[] => starts.map(({ name }) => name);

  it.each([1, 2, 3, 4, 5, 7, 20, 100, 1000])(
    'with a rate limit of %i starts no more in any second',
    (rateLimit) => {
      const queue = queueOf({ rateLimit });
      const calls = 4 * rateLimit;
      for (let call = 0; call < calls; call += 1) void add(queue, `call ${call}`);
      clock.advance(5000);
      const at = starts.map((start) => start.at);
      expect(at).toHaveLength(calls);
      for (const [index, moment] of at.entries()) {
        const before = at[index - rateLimit] ?? Number.NEGATIVE_INFINITY;
        // 99 ms more than a second: by so much a call may be slower on its way than a later one.
        expect(moment - before).toBeGreaterThan(1099);
      }
      // And it starts as many as that allows.
      expect(at.at(-1)).toBeLessThanOrEqual(4 * 1100);
    },
  );

  it('starts a few at once, and no burst of a whole second', () => {
    const queue = queueOf({ rateLimit: 20 });
    for (let call = 0; call < 20; call += 1) void add(queue, `call ${call}`);
    expect(starts).toHaveLength(5);
    clock.advance(274);
    expect(starts).toHaveLength(5);
    clock.advance(1);
    expect(starts).toHaveLength(10);
  });

  it('counts by the monotonic clock', () => {
    const queue = queueOf({ rateLimit: 1 });
    void add(queue, 'first');
    void add(queue, 'second');
    clock.stepWallClock(-86_400_000);
    clock.advance(1100);
    expect(names()).toEqual(['first', 'second']);
  });

  it('starts no more calls than may be in flight', async () => {
    const queue = queueOf({ concurrency: 2 });
    for (const name of ['a', 'b', 'c', 'd']) void add(queue, name);
    clock.advance(10_000);
    expect(names()).toEqual(['a', 'b']);
    await end('b');
    expect(names()).toEqual(['a', 'b', 'c']);
  });

  it('starts calls of polls under way before calls that begin one, each in order', async () => {
    const queue = queueOf({ concurrency: 1 });
    void add(queue, 'in flight');
    for (const name of ['begins 1', 'begins 2']) void add(queue, name);
    for (const name of ['under way 1', 'under way 2']) void add(queue, name, true);
    for (const name of ['in flight', 'under way 1', 'under way 2', 'begins 1']) await end(name);
    expect(names()).toEqual(['in flight', 'under way 1', 'under way 2', 'begins 1', 'begins 2']);
  });

  it('passes on what a call returns or throws', async () => {
    const queue = queueOf({ concurrency: 1 });
    const refused = queue.run(() => Promise.reject(new Error('refused')), false, neverAborted());
    const answered = queue.run(async () => 'answer', false, neverAborted());
    await expect(refused).rejects.toThrow('refused');
    await expect(answered).resolves.toBe('answer');
  });

  it('drops a call whose signal is aborted while it waits, and leaves no timer', async () => {
    const queue = queueOf({ rateLimit: 1 });
    const controller = new AbortController();
    void add(queue, 'first');
    const waiting = add(queue, 'second', false, controller.signal);
    expect(clock.pendingTimers).toBe(1);
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    expect(clock.pendingTimers).toBe(0);
    clock.advance(10_000);
    expect(names()).toEqual(['first']);
    await expect(add(queue, 'third', false, controller.signal)).rejects.toThrow('enough');
  });

  it('leaves no timer where nothing waits', async () => {
    const queue = queueOf({ rateLimit: 2 });
    for (const name of ['a', 'b']) void add(queue, name);
    clock.advance(275);
    for (const name of ['a', 'b']) await end(name);
    expect(names()).toEqual(['a', 'b']);
    expect(clock.pendingTimers).toBe(0);
  });

  it('takes other limits at once, and still counts the calls of the last second', () => {
    const queue = queueOf({ rateLimit: 1 });
    for (const name of ['a', 'b', 'c', 'd', 'e']) void add(queue, name);
    queue.setLimits({ rateLimit: 4, concurrency: 4 });
    clock.advance(1099);
    expect(names()).toEqual(['a', 'b', 'c', 'd']);
    expect(starts.map(({ at }) => at)).toEqual([0, 275, 550, 825]);
  });
});

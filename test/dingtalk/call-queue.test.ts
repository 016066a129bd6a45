import { beforeEach, describe, expect, it } from 'vitest';
import { type CallLimits, CallQueue } from '../../src/dingtalk/call-queue.ts';
import { ManualClock } from '../support/manual-clock.ts';

const neverAborted = (): AbortSignal => new AbortController().signal;

describe('the queue of all calls', () => {
  let clock: ManualClock;
  /** The calls that started, in order. */
  let starts: { readonly name: string; readonly at: number }[];
  let endCall: Map<string, () => void>;
  beforeEach(() => {
    clock = new ManualClock();
    starts = [];
    endCall = new Map();
  });

  const queueOf = (limits: Partial<CallLimits>): CallQueue =>
    new CallQueue(clock, { rateLimit: 10_000, concurrency: 10_000, ...limits });

  /** Queues a call that lasts until {@link end}. */
  function add(queue: CallQueue, name: string, isInProgress = false, signal = neverAborted()): Promise<void> {
    const call = (): Promise<void> => {
      starts.push({ name, at: clock.monotonicTime() });
      return new Promise((resolve) => endCall.set(name, resolve));
    };
    return queue.run(call, isInProgress, signal);
  }

  async function end(name: string): Promise<void> {
    endCall.get(name)?.();
    await new Promise((resolve) => setImmediate(resolve));
  }

  const names = (): string[] => starts.map(({ name }) => name);

  it.each([1, 2, 5, 7, 100])(
    'with a rate limit of %i, no more calls arrive in any second, whatever their latency',
    async (rateLimit) => {
      const queue = queueOf({ rateLimit });
      const arrivals: number[] = [];
      // Latencies from start to arrival and from there to the end, in turn.
      const onTheWay = [0, 400, 7, 990, 130];
      const onTheWayBack = [0, 35, 2500, 1, 600, 40, 90];
      const wait = (duration = 0): Promise<void> =>
        new Promise((resolve) => void clock.setTimer(resolve, duration));
      const calls = 6 * rateLimit;
      for (let index = 0; index < calls; index += 1) {
        const call = async (): Promise<void> => {
          await wait(onTheWay[index % onTheWay.length]);
          arrivals.push(clock.monotonicTime());
          await wait(onTheWayBack[index % onTheWayBack.length]);
        };
        void queue.run(call, false, neverAborted());
      }
      for (let next = clock.untilNextTimer; next !== undefined; next = clock.untilNextTimer) {
        clock.advance(next);
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(arrivals).toHaveLength(calls);
      for (const [index, arrival] of arrivals.entries()) {
        expect(arrival - (arrivals[index - rateLimit] ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(
          1000,
        );
      }
    },
  );

  it('waits at most two seconds for a call without an answer', () => {
    const queue = queueOf({ rateLimit: 1 });
    void add(queue, 'hanging');
    void add(queue, 'next');
    clock.advance(1999);
    expect(names()).toEqual(['hanging']);
    clock.advance(1);
    expect(names()).toEqual(['hanging', 'next']);
  });

  it('starts a quarter of the rate limit in a quarter of a second', () => {
    const queue = queueOf({ rateLimit: 20 });
    for (let call = 0; call < 20; call += 1) void add(queue, `call ${call}`);
    expect(starts).toHaveLength(5);
    clock.advance(249);
    expect(starts).toHaveLength(5);
    clock.advance(1);
    expect(starts).toHaveLength(10);
  });

  it('counts by the monotonic clock', async () => {
    const queue = queueOf({ rateLimit: 1 });
    void add(queue, 'first');
    void add(queue, 'second');
    await end('first');
    clock.stepWallClock(-86_400_000);
    clock.advance(1000);
    expect(names()).toEqual(['first', 'second']);
  });

  it('starts calls of polls in progress before calls that begin a poll, each in order', async () => {
    const queue = queueOf({ concurrency: 1 });
    void add(queue, 'in flight');
    for (const name of ['begins 1', 'begins 2']) void add(queue, name);
    for (const name of ['under way 1', 'under way 2']) void add(queue, name, true);
    for (const name of ['in flight', 'under way 1', 'under way 2', 'begins 1']) await end(name);
    expect(names()).toEqual(['in flight', 'under way 1', 'under way 2', 'begins 1', 'begins 2']);
  });

  it('drops a call whose signal is aborted while it waits, and leaves no timer', async () => {
    const queue = queueOf({ rateLimit: 1 });
    const controller = new AbortController();
    void add(queue, 'first');
    const waiting = add(queue, 'second', false, controller.signal);
    await end('first');
    expect(clock.pendingTimers).toBe(1);
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    expect(clock.pendingTimers).toBe(0);
    clock.advance(10_000);
    expect(names()).toEqual(['first']);
    await expect(add(queue, 'third', false, controller.signal)).rejects.toThrow('enough');
  });

  it('applies new limits at once, and counts the calls of the last second', async () => {
    const queue = queueOf({ rateLimit: 1 });
    for (const name of ['a', 'b', 'c', 'd', 'e']) void add(queue, name);
    await end('a');
    queue.setLimits({ rateLimit: 4, concurrency: 4 });
    clock.advance(999);
    expect(starts.map(({ at }) => at)).toEqual([0, 250, 500, 750]);
    clock.advance(1);
    expect(names()).toEqual(['a', 'b', 'c', 'd', 'e']);
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import { CallGate, type CallPlace } from '../../src/dingtalk/call-gate.ts';
import { ManualClock } from '../support/manual-clock.ts';

describe('the gate of all calls', () => {
  let clock: ManualClock;
  let admitted: string[];
  let places: Map<string, CallPlace>;
  const never = new AbortController().signal;

  beforeEach(() => {
    clock = new ManualClock();
    admitted = [];
    places = new Map();
  });

  function enter(gate: CallGate, name: string, goesOn = false, signal = never, polledAt?: number): void {
    gate.enter(signal, goesOn, polledAt).then(
      (place) => {
        admitted.push(name);
        places.set(name, place);
      },
      () => admitted.push(`${name} gave up`),
    );
  }

  const settle = () => new Promise((resolve) => setImmediate(resolve));

  it('counts a call until a second after its end', async () => {
    const gate = new CallGate(clock, { rateLimit: 1, concurrency: 10 });
    enter(gate, 'first');
    enter(gate, 'second');
    await settle();
    clock.advance(700);
    places.get('first')?.leave();
    clock.advance(999);
    await settle();
    expect(admitted).toEqual(['first']);
    clock.advance(1);
    await settle();
    expect(admitted).toEqual(['first', 'second']);
  });

  it('lets those go one by one over the second that wait for the first ones, and not as a burst', async () => {
    const gate = new CallGate(clock, { rateLimit: 4, concurrency: 10 });
    const names = Array.from({ length: 12 }, (_, index) => `call ${index}`);
    for (const name of names) enter(gate, name);
    const moments: number[][] = [[], [], []];
    for (let step = 0; step < 60; step += 1) {
      await settle();
      for (const name of admitted.splice(0)) {
        moments[Math.floor(names.indexOf(name) / 4)]?.push(clock.monotonicTime());
        places.get(name)?.leave();
      }
      clock.advance(50);
    }
    const [first = 0] = moments[0] ?? [];
    const since = moments.map((each) => each.map((moment) => moment - first));
    expect(since).toEqual([
      [0, 0, 0, 0],
      [1000, 1250, 1500, 1750],
      [2000, 2250, 2500, 2750],
    ]);
  });

  it('holds nobody up where no more wait than the limit allows', async () => {
    const gate = new CallGate(clock, { rateLimit: 4, concurrency: 10 });
    for (const name of ['a', 'b', 'c', 'd']) enter(gate, name);
    await settle();
    for (const place of places.values()) place.leave();
    clock.advance(1000);
    for (const name of ['e', 'f', 'g', 'h']) enter(gate, name);
    await settle();
    expect(admitted).toHaveLength(8);
  });

  it('is not held up for longer than 2 s by a call that does not end', async () => {
    const gate = new CallGate(clock, { rateLimit: 1, concurrency: 10 });
    enter(gate, 'hanging');
    enter(gate, 'next');
    clock.advance(1999);
    await settle();
    expect(admitted).toEqual(['hanging']);
    clock.advance(1);
    await settle();
    expect(admitted).toEqual(['hanging', 'next']);
  });

  it('lets those begin first that were polled longest ago, and those that never were before them', async () => {
    const gate = new CallGate(clock, { rateLimit: 1, concurrency: 10 });
    const gone = new AbortController();
    enter(gate, 'under way');
    enter(gate, 'polled at 20', false, never, 20);
    enter(gate, 'gone', false, gone.signal, 5);
    enter(gate, 'polled at 10', false, never, 10);
    enter(gate, 'polled at 10 too', false, never, 10);
    enter(gate, 'never polled');
    enter(gate, 'going on', true);
    gone.abort();
    for (let turn = 0; turn < 6; turn += 1) {
      await settle();
      clock.advance(2000);
    }
    expect(admitted).toEqual([
      'under way',
      'gone gave up',
      'going on',
      'never polled',
      'polled at 10',
      'polled at 10 too',
      'polled at 20',
    ]);
  });

  it('leaves no timer behind when it is closed, not even by a call that ends later', async () => {
    const gate = new CallGate(clock, { rateLimit: 10, concurrency: 10 });
    enter(gate, 'first');
    await settle();
    gate.close();
    places.get('first')?.leave();
    expect(clock.pendingTimers).toBe(0);
  });

  it('bounds the calls in flight', async () => {
    const gate = new CallGate(clock, { rateLimit: 100, concurrency: 2 });
    for (const name of ['a', 'b', 'c']) enter(gate, name);
    clock.advance(10_000);
    await settle();
    expect(admitted).toEqual(['a', 'b']);
    places.get('a')?.leave();
    await settle();
    expect(admitted).toEqual(['a', 'b', 'c']);
  });

  it('lets in who goes on before who begins, each in order', async () => {
    const gate = new CallGate(clock, { rateLimit: 100, concurrency: 1 });
    enter(gate, 'at work');
    enter(gate, 'begins 1');
    enter(gate, 'goes on 1', true);
    enter(gate, 'begins 2');
    enter(gate, 'goes on 2', true);
    for (const name of ['at work', 'goes on 1', 'goes on 2', 'begins 1']) {
      await settle();
      places.get(name)?.leave();
    }
    await settle();
    expect(admitted).toEqual(['at work', 'goes on 1', 'goes on 2', 'begins 1', 'begins 2']);
  });

  it('forgets who gives up waiting', async () => {
    const gate = new CallGate(clock, { rateLimit: 100, concurrency: 1 });
    const controller = new AbortController();
    enter(gate, 'at work');
    enter(gate, 'impatient', false, controller.signal);
    enter(gate, 'patient');
    controller.abort(new Error('enough'));
    await settle();
    places.get('at work')?.leave();
    await settle();
    expect(admitted).toEqual(['at work', 'impatient gave up', 'patient']);
  });

  it('takes other limits at once', async () => {
    const gate = new CallGate(clock, { rateLimit: 1, concurrency: 1 });
    for (const name of ['a', 'b', 'c']) enter(gate, name);
    await settle();
    gate.setLimits({ rateLimit: 3, concurrency: 3 });
    await settle();
    expect(admitted).toEqual(['a', 'b', 'c']);
  });

  it('leaves no timer behind when it is closed', async () => {
    const gate = new CallGate(clock, { rateLimit: 5, concurrency: 5 });
    enter(gate, 'a');
    await settle();
    places.get('a')?.leave();
    gate.close();
    expect(clock.pendingTimers).toBe(0);
  });
});

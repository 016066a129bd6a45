import { describe, expect, it } from 'vitest';
import type { Timer } from '../../../src/clock.ts';
import { PasswordCheck } from '../../../src/web/access/password-check.ts';
import { ManualClock } from '../../support/manual-clock.ts';

/** Of the password "hunter2", at the lowest cost. */
const HASH = '$2b$04$M6EbEi6dkuumv1/9J9mZi.jX3ROenv5TFtU5hSiH3cHD8Ay6KMpd6';

describe('PasswordCheck', () => {
  it('knows the right password from a wrong one', async () => {
    const check = new PasswordCheck(new ManualClock());
    expect(await check.matches('hunter2', HASH, 'a')).toBe(true);
    expect(await check.matches('hunter3', HASH, 'a')).toBe(false);
    expect(await check.matches('', HASH, 'a')).toBe(false);
    expect(await check.matches('hunter2', 'no hash', 'a')).toBe(false);
  });

  it('refuses to let one address take all places, or all of them too many', async () => {
    const check = new PasswordCheck(new ManualClock());
    const answers: Array<Promise<boolean> | undefined> = [];
    const ask = (peer: string, times: number): number => {
      const given = Array.from({ length: times }, () => check.matches('wrong', HASH, peer));
      answers.push(...given);
      return given.filter((answer) => answer !== undefined).length;
    };
    // One more than may wait: the first is at work.
    expect(ask('a', 20)).toBe(9);
    expect(ask('b', 20)).toBe(8);
    expect(ask('c', 20)).toBe(8);
    expect(ask('d', 20)).toBe(8);
    expect(ask('e', 20)).toBe(0);
    await Promise.all(answers);
    expect(ask('e', 1)).toBe(1);
    await Promise.all(answers);
  });

  it('rests after each comparison for as long as it took', async () => {
    const rests: Array<{ duration: number; end: () => void }> = [];
    const starts: number[] = [];
    let now = 0;
    const check = new PasswordCheck({
      wallTime: () => now,
      // Each comparison is asked for the time before and after: it takes 70 ms by this clock.
      monotonicTime: () => {
        starts.push(now);
        now += 70;
        return now;
      },
      setTimer: (end, duration): Timer => {
        rests.push({ duration, end });
        return { cancel: () => undefined };
      },
    });
    const first = check.matches('hunter2', HASH, 'a');
    const second = check.matches('hunter2', HASH, 'a');
    expect(await first).toBe(true);
    await Promise.resolve();
    expect(rests.map(({ duration }) => duration)).toEqual([70]);
    expect(starts).toHaveLength(2);
    rests[0]?.end();
    expect(await second).toBe(true);
  });
});

import { describe, expect, it, vi } from 'vitest';
import { BasicAuth, type Verdict } from '../../../src/web/access/basic-auth.ts';
import { PasswordCheck } from '../../../src/web/access/password-check.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const HUNTER = '$2b$04$M6EbEi6dkuumv1/9J9mZi.jX3ROenv5TFtU5hSiH3cHD8Ay6KMpd6';
const HORSE = '$2b$04$kvqbTE523q2kYqoaaHZEkOgx8X9JNtrgUI9VPlKSIoTA8x1rqU1MO';
const UMLAUTS = '$2b$05$knXVnxzrA0Ks9VMp0qPcH.L68SbQRfyvH2zxUXS0r279ZZN3JTzOG';
const USERS = new Map([
  ['prometheus', HUNTER],
  ['数', HORSE],
  ['ops', UMLAUTS],
]);

const basic = (text: string | Buffer): string => `Basic ${Buffer.from(text).toString('base64')}`;

function fresh(users = USERS): { judge: BasicAuth['judge']; compared: string[] } {
  const check = new PasswordCheck(new ManualClock());
  const compared: string[] = [];
  const matches = check.matches.bind(check);
  vi.spyOn(check, 'matches').mockImplementation((password, hash, peer) => {
    compared.push(hash);
    return matches(password, hash, peer);
  });
  const auth = new BasicAuth(users, check);
  return { judge: (header, peer) => auth.judge(header, peer), compared };
}

describe('BasicAuth', () => {
  it.each(['prometheus:hunter2', '数:correct horse', 'ops:pässwörd:数'])('lets in %s', async (pair) => {
    const { judge, compared } = fresh();
    expect(await judge(basic(pair), 'a')).toBe('accepted');
    expect(await judge(basic(pair).replace('Basic', 'bAsIc '), 'a')).toBe('accepted');
    expect(compared).toHaveLength(2);
  });

  it.each([
    'prometheus:hunter3',
    'prometheus:',
    'prometheus:hunter2 ',
    'Prometheus:hunter2',
    'ops:hunter2',
    'nobody:hunter2',
    ':hunter2',
    '__proto__:hunter2',
    'constructor:hunter2',
  ])('refuses %s, at the price of one comparison', async (pair) => {
    const { judge, compared } = fresh();
    expect(await judge(basic(pair), 'a')).toBe('refused');
    expect(compared).toHaveLength(1);
    expect(new Set(USERS.values())).toContain(compared[0]);
  });

  it('refuses an unknown user with the password of the user whose hash it is compared with', async () => {
    const { judge, compared } = fresh(new Map([['prometheus', HUNTER]]));
    for (const _time of [1, 2]) expect(await judge(basic('nobody:hunter2'), 'a')).toBe('refused');
    expect(compared).toEqual([HUNTER, HUNTER]);
  });

  it('compares for unknown users with the hashes that known ones have, spread by their names', async () => {
    const { judge, compared } = fresh();
    for (let index = 0; index < 64; index++) await judge(basic(`nobody-${index}:x`), 'a');
    expect(new Set(compared)).toEqual(new Set(USERS.values()));
  });

  it('compares one name with one hash, whatever the password: known or not, it cannot be told', async () => {
    for (const user of ['prometheus', 'nobody', 'somebody', '']) {
      const { judge, compared } = fresh();
      for (let index = 0; index < 16; index++) await judge(basic(`${user}:wrong-${index}`), 'a');
      expect(compared).toHaveLength(16);
      expect(new Set(compared).size).toBe(1);
    }
  });

  it.each([
    undefined,
    '',
    'Basic',
    'Basic ',
    'Basic =',
    'Basic !!!!',
    'Basic cHJvbWV0aGV1czpodW50ZXIy extra',
    'Bearer cHJvbWV0aGV1czpodW50ZXIy',
    'cHJvbWV0aGV1czpodW50ZXIy',
    'Basic cHJvbWV0aGV1cw==',
    basic(Buffer.from([0x61, 0x3a, 0xff])),
  ])('refuses a broken header without any comparison: %j', (header) => {
    const { judge, compared } = fresh();
    expect(judge(header, 'a')).toBe('refused');
    expect(compared).toEqual([]);
  });

  it('compares once for all who come with the same, and not again once it was right', async () => {
    const { judge, compared } = fresh();
    const header = basic('prometheus:hunter2');
    const verdicts = await Promise.all(Array.from({ length: 500 }, () => judge(header, 'a')));
    expect(new Set(verdicts)).toEqual(new Set(['accepted']));
    expect(judge(header, 'b')).toBe('accepted');
    expect(compared).toEqual([HUNTER]);
  });

  it('never remembers what was wrong', async () => {
    const { judge, compared } = fresh();
    for (const _time of [1, 2, 3]) expect(await judge(basic('prometheus:wrong'), 'a')).toBe('refused');
    expect(compared).toHaveLength(3);
  });

  it('remembers a bounded number, the latest ones', async () => {
    const { judge, compared } = fresh();
    const header = (index: number): string => `Basic${' '.repeat(index + 1)}cHJvbWV0aGV1czpodW50ZXIy`;
    for (let index = 0; index < 257; index++) await judge(header(index), 'a');
    compared.length = 0;
    expect(judge(header(256), 'a')).toBe('accepted');
    expect(judge(header(1), 'a')).toBe('accepted');
    expect(compared).toEqual([]);
    expect(await judge(header(0), 'a')).toBe('accepted');
    expect(compared).toHaveLength(1);
  });

  it('says busy when too many wrong ones come at once, and is well afterwards', async () => {
    const { judge } = fresh();
    const flood = Array.from({ length: 1_000 }, (_, index) =>
      judge(basic(`a:${index}`), `peer ${index % 50}`),
    );
    const verdicts = await Promise.all(flood);
    const count = (verdict: Verdict): number => verdicts.filter((each) => each === verdict).length;
    expect([count('accepted'), count('refused'), count('busy')]).toEqual([0, 33, 967]);
    expect(await judge(basic('prometheus:hunter2'), 'a')).toBe('accepted');
  });
});

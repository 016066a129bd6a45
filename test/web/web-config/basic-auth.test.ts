import bcrypt from 'bcryptjs';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type AuthenticationResult,
  BasicAuth,
  MAXIMUM_WAITING,
} from '../../../src/web/web-config/basic-auth.ts';
import { HORSE, HUNTER } from '../support/web-config.ts';

const UMLAUTS = '$2b$05$knXVnxzrA0Ks9VMp0qPcH.L68SbQRfyvH2zxUXS0r279ZZN3JTzOG';
const USERS = new Map([
  ['prometheus', HUNTER],
  ['数', HORSE],
  ['ops', UMLAUTS],
]);

const basic = (text: string | Buffer): string => `Basic ${Buffer.from(text).toString('base64')}`;

const compare = vi.spyOn(bcrypt, 'compare');
beforeEach(() => {
  compare.mockClear();
});
const comparedHashes = (): string[] => compare.mock.calls.map(([, hash]) => hash);

/** Records the results in the order of the answers. */
class Clients {
  readonly auth = new BasicAuth();
  readonly answers: string[] = [];

  async ask(credentials: string, address = 'a', users = USERS): Promise<AuthenticationResult> {
    const result = await this.auth.authenticate(basic(credentials), users, address);
    this.answers.push(`${address} ${credentials} ${result}`);
    return result;
  }
}

describe('basic auth', () => {
  it.each(['prometheus:hunter2', '数:correct horse', 'ops:pässwörd:数'])(
    'accepts %s',
    async (credentials) => {
      expect(await new Clients().ask(credentials)).toBe('accepted');
    },
  );

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
  ])('refuses %s after exactly one comparison', async (credentials) => {
    expect(await new Clients().ask(credentials)).toBe('refused');
    expect(compare).toHaveBeenCalledOnce();
    expect([...USERS.values()]).toContain(comparedHashes()[0]);
  });

  it.each([
    undefined,
    '',
    'Basic',
    'Basic =',
    'Basic !!!!',
    'Basic cHJvbWV0aGV1czpodW50ZXIy extra',
    'Bearer cHJvbWV0aGV1czpodW50ZXIy',
    'Basic cHJvbWV0aGV1cw==',
    basic(Buffer.from([0x61, 0x3a, 0xff])),
  ])('refuses the header %j without a comparison', async (header) => {
    expect(await new BasicAuth().authenticate(header, USERS, 'a')).toBe('refused');
    expect(compare).not.toHaveBeenCalled();
  });

  it('accepts the scheme in any case', async () => {
    expect(await new BasicAuth().authenticate('bAsIc  cHJvbWV0aGV1czpodW50ZXIy', USERS, 'a')).toBe(
      'accepted',
    );
  });

  it('compares an unknown name with the hash of a user, always the same one for each name', async () => {
    const clients = new Clients();
    expect(await clients.ask('nobody:hunter2', 'a', new Map([['prometheus', HUNTER]]))).toBe('refused');
    compare.mockClear();
    for (let index = 0; index < 8; index++) await clients.ask(`nobody:${index}`);
    expect(new Set(comparedHashes()).size).toBe(1);
    for (let index = 0; index < 64; index++) await clients.ask(`nobody-${index}:x`);
    expect(new Set(comparedHashes())).toEqual(new Set(USERS.values()));
  });

  it('compares a correct password once, even if other users change', async () => {
    const clients = new Clients();
    const users = new Map(USERS);
    const results = await Promise.all(Array.from({ length: 500 }, () => clients.ask('prometheus:hunter2')));
    expect(new Set(results)).toEqual(new Set(['accepted']));
    users.delete('ops');
    expect(await clients.ask('prometheus:hunter2', 'b', users)).toBe('accepted');
    expect(compare).toHaveBeenCalledOnce();
    users.set('prometheus', HORSE);
    expect(await clients.ask('prometheus:hunter2', 'b', users)).toBe('refused');
    users.delete('prometheus');
    expect(await clients.ask('prometheus:hunter2', 'b', users)).toBe('refused');
  });

  it('refuses a removed user, even if another user has the same hash', async () => {
    const clients = new Clients();
    expect(await clients.ask('prometheus:hunter2')).toBe('accepted');
    expect(await clients.ask('prometheus:hunter2', 'a', new Map([['other', HUNTER]]))).toBe('refused');
  });

  it('caches the latest 256 passwords', async () => {
    const users = new Map(Array.from({ length: 257 }, (_, index) => [`user-${index}`, HUNTER]));
    const clients = new Clients();
    for (const user of users.keys()) await clients.ask(`${user}:hunter2`, 'a', users);
    compare.mockClear();
    for (const user of ['user-256', 'user-1']) await clients.ask(`${user}:hunter2`, 'a', users);
    expect(compare).not.toHaveBeenCalled();
    expect(await clients.ask('user-0:hunter2', 'a', users)).toBe('accepted');
    expect(compare).toHaveBeenCalledOnce();
  });
});

describe('many wrong passwords', () => {
  it('are compared round robin by address', async () => {
    const clients = new Clients();
    const flood = Array.from({ length: 5 }, (_, index) => clients.ask(`prometheus:${index}`, 'flood'));
    await Promise.all([clients.ask('prometheus:hunter2', 'b'), clients.ask('ops:wrong', 'c'), ...flood]);
    expect(clients.answers.slice(0, 5)).toEqual([
      'flood prometheus:0 refused',
      'flood prometheus:1 refused',
      'b prometheus:hunter2 accepted',
      'c ops:wrong refused',
      'flood prometheus:2 refused',
    ]);
  });

  it('from one address do not keep other addresses out', async () => {
    const clients = new Clients();
    const flood = Array.from({ length: 1_000 }, (_, index) => clients.ask(`prometheus:${index}`, 'flood'));
    const others = ['b', 'c', 'd'].map((address) => clients.ask('prometheus:hunter2', address));
    expect(await Promise.all(others)).toEqual(['accepted', 'accepted', 'accepted']);
    const results = await Promise.all(flood);
    // One is being compared, and three were dropped for the other addresses.
    expect(results.filter((result) => result === 'refused')).toHaveLength(1 + MAXIMUM_WAITING - 3);
    expect(results.filter((result) => result === 'busy')).toHaveLength(1_000 - 1 - MAXIMUM_WAITING + 3);
    expect(compare.mock.calls.length).toBeLessThanOrEqual(1 + MAXIMUM_WAITING);
  });
});

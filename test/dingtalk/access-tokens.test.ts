import { beforeEach, describe, expect, it } from 'vitest';
import { AccessTokens, type FetchedToken } from '../../src/dingtalk/access-tokens.ts';
import { ManualClock } from '../support/manual-clock.ts';

describe('the cache of access tokens', () => {
  const never = new AbortController().signal;
  let clock: ManualClock;
  let tokens: AccessTokens;
  let fetched: number;
  beforeEach(() => {
    clock = new ManualClock();
    tokens = new AccessTokens(clock);
    fetched = 0;
  });

  const get = async (lifetime: number | undefined): Promise<string> => {
    const fetch = async (): Promise<FetchedToken> => {
      fetched += 1;
      return { value: `token ${fetched}`, lifetime, secrets: [] };
    };
    return (await tokens.get('app', fetch, never)).value;
  };

  it('returns when a token expires, by the wall clock', async () => {
    await get(7_200_000);
    expect(tokens.expiresAt('app')).toBe(clock.wallTime() + 7_200_000);
    tokens.drop('app', 'token 1');
    expect(tokens.expiresAt('app')).toBeUndefined();
  });

  it.each([
    ['until 5 minutes before it expires', 7_200_000, 6_900_000],
    ['until 5 minutes before it expires, if its lifetime is a little longer', 302_000, 2_000],
    ['for half its lifetime, if that is 5 minutes', 300_000, 150_000],
    ['for half its lifetime, if that is a minute', 60_000, 30_000],
  ])('keeps a token %s', async (_title, lifetime, kept) => {
    expect(await get(lifetime)).toBe('token 1');
    clock.advance(kept - 1);
    expect(await get(lifetime)).toBe('token 1');
    clock.advance(1);
    expect(await get(lifetime)).toBe('token 2');
  });

  it('keeps a token without a lifetime until it is refused', async () => {
    await get(undefined);
    clock.advance(365 * 86_400_000);
    expect(await get(undefined)).toBe('token 1');
    expect(tokens.expiresAt('app')).toBeUndefined();
    tokens.drop('app', 'token 1');
    expect(await get(undefined)).toBe('token 2');
  });

  it('keeps a token if an older one is refused', async () => {
    await get(7_200_000);
    tokens.drop('app', 'token 0');
    expect(await get(7_200_000)).toBe('token 1');
  });
});

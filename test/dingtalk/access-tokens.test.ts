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

  it('knows when a token expires, by the wall clock', async () => {
    await get(7_200_000);
    expect(tokens.expiresAt('app')).toBe(clock.wallTime() + 7_200_000);
    tokens.drop('app', 'token 1');
    expect(tokens.expiresAt('app')).toBeUndefined();
  });

  const get = async (lifetime: number | undefined): Promise<string> => {
    const fetch = async (): Promise<FetchedToken> => {
      fetched += 1;
      return { value: `token ${fetched}`, lifetime, secrets: [] };
    };
    return (await tokens.get('app', fetch, never)).value;
  };

  it('keeps a token until 5 minutes before it expires, and not a moment longer', async () => {
    expect(await get(7_200_000)).toBe('token 1');
    clock.advance(6_899_999);
    expect(await get(7_200_000)).toBe('token 1');
    clock.advance(1);
    expect(await get(7_200_000)).toBe('token 2');
  });

  it.each([
    ['until 5 minutes before, if it lives a little longer than that', 302_000, 2_000],
    ['for half its life, if it lives no longer than that', 300_000, 150_000],
    ['for half its life, if it lives for a minute', 60_000, 30_000],
  ])('keeps a token %s', async (_title, lifetime, kept) => {
    await get(lifetime);
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

  it('keeps a token where an older one is refused', async () => {
    await get(7_200_000);
    tokens.drop('app', 'token 0');
    expect(await get(7_200_000)).toBe('token 1');
  });
});

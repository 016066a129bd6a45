import { beforeEach, describe, expect, it } from 'vitest';
import { AccessTokens } from '../../src/dingtalk/access-tokens.ts';
import { ManualClock } from '../support/manual-clock.ts';

describe('the access tokens at hand', () => {
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
    const fetch = async () => {
      fetched += 1;
      return { value: `token ${fetched}`, lifetime, secrets: [] };
    };
    return (await tokens.get('app', fetch, never)).value;
  };

  it('are kept until 5 minutes before they expire, and not a moment longer', async () => {
    expect(await get(7_200_000)).toBe('token 1');
    clock.advance(6_899_999);
    expect(await get(7_200_000)).toBe('token 1');
    clock.advance(1);
    expect(await get(7_200_000)).toBe('token 2');
  });

  it.each([
    ['until 5 minutes before, if they live a little longer than that', 302_000, 2_000],
    ['for half their life, if they live no longer than that', 300_000, 150_000],
    ['for half their life, if they live for a minute', 60_000, 30_000],
  ])('are kept %s', async (_title, lifetime, kept) => {
    await get(lifetime);
    clock.advance(kept - 1);
    expect(await get(lifetime)).toBe('token 1');
    clock.advance(1);
    expect(await get(lifetime)).toBe('token 2');
  });

  it('are kept until they are refused where nobody knows when they expire', async () => {
    await get(undefined);
    clock.advance(365 * 86_400_000);
    expect(await get(undefined)).toBe('token 1');
    expect(tokens.atHand('app')?.expiresAt).toBeUndefined();
    tokens.drop('app', 'token 1');
    expect(tokens.atHand('app')).toBeUndefined();
    expect(await get(undefined)).toBe('token 2');
  });

  it('are not given up for the refusal of an older one', async () => {
    await get(7_200_000);
    tokens.drop('app', 'token 0');
    expect(await get(7_200_000)).toBe('token 1');
  });
});

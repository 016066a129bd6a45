import type { AccessToken } from '../dingtalk/access-tokens.ts';
import { type Account, type DingTalkClient, tokenKey } from '../dingtalk/client.ts';
import { DingTalkError } from '../dingtalk/dingtalk-error.ts';
import { readCredential } from '../dingtalk/token-call.ts';
import { type RetryOptions, retrying } from './retry.ts';

/** Both counts of one poll. */
export interface PollResult {
  readonly employees: number;
  readonly active: number;
}

/**
 * Reads both counts of an organization: the token, everyone, and who has activated DingTalk, one call after the
 * other, so that a failing one costs no other. A pair in which more are active than there are people (somebody
 * left between the two calls) is read once more.
 *
 * @throws DingTalkError, or the run's reason for ending early.
 */
export async function pollHeadcount(
  account: Account,
  client: DingTalkClient,
  options: RetryOptions,
): Promise<PollResult> {
  try {
    const first = await readPair(account, client, options, () => {});
    if (first.active <= first.employees) return first;
    const second = await readPair(account, client, options, () => options.onRetry('user_count'));
    if (second.active <= second.employees) return second;
    throw impossiblePair(account, second);
  } catch (error) {
    throw options.run.reasonToFail(error);
  }
}

async function readPair(
  account: Account,
  client: DingTalkClient,
  options: RetryOptions,
  beforeEach: () => void,
): Promise<PollResult> {
  beforeEach();
  const employees = await count(account, client, options, false);
  beforeEach();
  const active = await count(account, client, options, true);
  return { employees, active };
}

/** One count. A refused token is dropped, one more is fetched, and the call is repeated once. */
async function count(
  account: Account,
  client: DingTalkClient,
  options: RetryOptions,
  onlyActive: boolean,
): Promise<number> {
  const attempt = (token: AccessToken): Promise<number> =>
    retrying(() => client.countUsers(account.endpoints, token, onlyActive, options.run), options);
  const token = await accessToken(account, client, options);
  try {
    return await attempt(token);
  } catch (error) {
    if (!(error instanceof DingTalkError) || error.failure.action !== 'renew_token') throw error;
    const renewed = await renewedToken(account, client, options, token);
    // A token that somebody else keeps, still the same in its place, would only be refused again.
    if (renewed === undefined) throw error;
    options.onRetry('user_count');
    return await attempt(renewed);
  }
}

async function accessToken(
  account: Account,
  client: DingTalkClient,
  options: RetryOptions,
): Promise<AccessToken> {
  const { credentials, endpoints } = account;
  if (credentials.kind === 'access_token') {
    const value = await readCredential(credentials.accessToken, endpoints);
    return { value, secrets: [value], expiresAt: undefined };
  }
  const fetch = (former: string | undefined) =>
    retrying(() => client.fetchToken(credentials, endpoints, options.run, former), options);
  return client.tokens.get(tokenKey(credentials, endpoints), fetch, options.run.waiting);
}

async function renewedToken(
  account: Account,
  client: DingTalkClient,
  options: RetryOptions,
  refused: AccessToken,
): Promise<AccessToken | undefined> {
  const { credentials, endpoints } = account;
  if (credentials.kind !== 'access_token')
    client.tokens.drop(tokenKey(credentials, endpoints), refused.value);
  const token = await accessToken(account, client, options);
  return credentials.kind === 'access_token' && token.value === refused.value ? undefined : token;
}

function impossiblePair({ endpoints }: Account, { employees, active }: PollResult): DingTalkError {
  return new DingTalkError({
    endpoint: 'user_count',
    reason: 'invalid_response',
    action: 'stop',
    message: `user_count calls to ${new URL(endpoints.oapi).host}: received ${active} active of ${employees} people, twice`,
    host: new URL(endpoints.oapi).host,
    hint: 'counts_disagree',
  });
}

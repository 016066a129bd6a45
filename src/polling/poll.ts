import type { Account, DingTalkClient, Retry } from '../dingtalk/client.ts';
import { callFailure, DingTalkError } from '../dingtalk/dingtalk-error.ts';
import { type RetryOptions, retrying } from './retry.ts';

/** Both counts of one poll. */
export interface PollResult {
  readonly employees: number;
  readonly active: number;
}

/**
 * Reads both counts of an organization, one after the other: everyone, and people who have activated DingTalk. A pair
 * with more active people than people is read once more: someone may have left between the two calls.
 *
 * @throws DingTalkError, or the run's reason for ending early.
 */
export async function pollHeadcount(
  account: Account,
  client: DingTalkClient,
  options: RetryOptions,
): Promise<PollResult> {
  try {
    const first = await readPair(account, client, options, false);
    if (first.active <= first.employees) return first;
    const second = await readPair(account, client, options, true);
    if (second.active <= second.employees) return second;
    throw inconsistentPair(account, second);
  } catch (error) {
    throw options.run.reasonToFail(error);
  }
}

async function readPair(
  account: Account,
  client: DingTalkClient,
  options: RetryOptions,
  isRepeated: boolean,
): Promise<PollResult> {
  const read = (onlyActive: boolean): Promise<number> => {
    if (isRepeated) options.onRetry('user_count');
    return readCount(account, client, options, onlyActive);
  };
  return { employees: await read(false), active: await read(true) };
}

/** Reads one count. A refused token is replaced, and the call repeated once. */
async function readCount(
  account: Account,
  client: DingTalkClient,
  options: RetryOptions,
  onlyActive: boolean,
): Promise<number> {
  const { run, onRetry } = options;
  const retry: Retry = (call) => retrying(call, options);
  const token = await client.accessToken(account, retry, run);
  try {
    return await retry(() => client.countUsers(account, token, onlyActive, run));
  } catch (error) {
    if (!(error instanceof DingTalkError) || error.failure.action !== 'renew_token') throw error;
    client.dropToken(account, token);
    const renewed = await client.accessToken(account, retry, run);
    // A configured token that was not replaced would be refused again.
    if (account.credentials.kind === 'access_token' && renewed.value === token.value) throw error;
    onRetry('user_count');
    return await retry(() => client.countUsers(account, renewed, onlyActive, run));
  }
}

function inconsistentPair({ endpoints }: Account, { employees, active }: PollResult): DingTalkError {
  const call = { endpoint: 'user_count', host: new URL(endpoints.oapi).host } as const;
  const failure = { reason: 'invalid_response', action: 'stop', hint: 'counts_disagree' } as const;
  return callFailure(call, `active count ${active} exceeds total ${employees}, twice`, failure);
}

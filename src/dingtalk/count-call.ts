import type { AccessToken } from './access-tokens.ts';
import { isObject, type JsonObject, member } from './answer.ts';
import type { Reader, Request } from './call.ts';
import type { Endpoints } from './credentials.ts';

/**
 * The call that counts. Source: `POST /topapi/user/count` in DingTalk's documentation.
 *
 * @param onlyActive false counts everyone; true counts only who has activated DingTalk.
 */
export function countRequest(endpoints: Endpoints, accessToken: AccessToken, onlyActive: boolean): Request {
  const url = new URL(`${endpoints.oapi}/topapi/user/count`);
  url.searchParams.set('access_token', accessToken.value);
  return {
    endpoint: 'user_count',
    url,
    contentType: 'application/x-www-form-urlencoded;charset=utf-8',
    body: `only_active=${onlyActive}`,
    secrets: accessToken.secrets,
  };
}

/** A count is there only if DingTalk says that all is well and gives a whole number: a missing one is never 0. */
export const readCount: Reader<number> = (body: JsonObject) => {
  if (member(body, 'errcode') !== 0) return { received: 'an answer without errcode 0' };
  const result = member(body, 'result');
  if (!isObject(result)) return { received: 'an answer without result.count' };
  const count = member(result, 'count');
  if (count === undefined) return { received: 'an answer without result.count' };
  if (typeof count !== 'number' || !Number.isSafeInteger(count) || count < 0) {
    return { received: `a result.count that is not a whole number of people (${typeof count})` };
  }
  return { value: count };
};

import { isObject, type JsonObject } from './classify.ts';
import type { Credentials, Endpoints } from './credentials.ts';
import type { Endpoint } from './reason.ts';
import type { OutgoingCall } from './transport.ts';

/** A value that was read from a response, or a description of what was received instead. */
type Reading<T> = { readonly value: T } | { readonly received: string };

/** A call to make, and how its successful response is read. */
export interface ApiRequest<T> extends OutgoingCall {
  readonly endpoint: Endpoint;
  /** Must not be shown if DingTalk repeats them. */
  readonly secrets: readonly string[];
  readonly read: (body: JsonObject) => Reading<T>;
}

/** The result of a token call. */
export interface IssuedToken {
  readonly value: string;
  /** Milliseconds from the moment of the call; undefined if DingTalk did not say. */
  readonly lifetime: number | undefined;
}

/** Credentials with which a token is fetched. */
export type AppCredentials = Exclude<Credentials, { kind: 'access_token' }>;

/**
 * The call that fetches an access token. Source: DingTalk's pages on the access token of an internal app and of a
 * third-party enterprise app.
 *
 * @param suiteTicket empty if the app has none.
 */
export function tokenRequest(
  credentials: AppCredentials,
  { api }: Endpoints,
  clientSecret: string,
  suiteTicket: string,
): ApiRequest<IssuedToken> {
  const request = (
    path: string,
    [token, lifetime]: readonly [string, string],
    body: Readonly<Record<string, string>>,
  ): ApiRequest<IssuedToken> => ({
    endpoint: 'token',
    url: new URL(`${api}/v1.0/oauth2/${path}`),
    contentType: 'application/json',
    body: JSON.stringify(body),
    secrets: [clientSecret, suiteTicket],
    read: (response) => readToken(response, token, lifetime),
  });
  const { clientId } = credentials;
  switch (credentials.kind) {
    case 'internal_app':
      return request('accessToken', ['accessToken', 'expireIn'], {
        appKey: clientId,
        appSecret: clientSecret,
      });
    case 'third_party_app':
      return request(`${encodeURIComponent(credentials.corpId)}/token`, ['access_token', 'expires_in'], {
        client_id: clientId,
        client_secret: clientSecret,
        grant_type: 'client_credentials',
      });
    case 'third_party_app_with_ticket':
      return request('corpAccessToken', ['accessToken', 'expireIn'], {
        suiteKey: clientId,
        suiteSecret: clientSecret,
        authCorpId: credentials.corpId,
        suiteTicket,
      });
  }
}

function readToken(body: JsonObject, tokenName: string, lifetimeName: string): Reading<IssuedToken> {
  const value = body[tokenName];
  if (typeof value !== 'string' || value === '') return { received: `a response without ${tokenName}` };
  const seconds = body[lifetimeName];
  if (seconds === undefined) return { value: { value, lifetime: undefined } };
  if (typeof seconds !== 'number' || !(seconds > 0) || !Number.isFinite(seconds)) {
    return { received: `a response whose ${lifetimeName} is not a number of seconds` };
  }
  return { value: { value, lifetime: seconds * 1000 } };
}

/**
 * The call that counts. Source: `POST /topapi/user/count` in DingTalk's documentation.
 *
 * @param secrets the token, and what it was fetched with.
 * @param onlyActive false counts everyone; true counts only people who have activated DingTalk.
 */
export function countRequest(
  accessToken: string,
  secrets: readonly string[],
  { oapi }: Endpoints,
  onlyActive: boolean,
): ApiRequest<number> {
  const url = new URL(`${oapi}/topapi/user/count`);
  url.searchParams.set('access_token', accessToken);
  return {
    endpoint: 'user_count',
    url,
    contentType: 'application/x-www-form-urlencoded;charset=utf-8',
    body: `only_active=${onlyActive}`,
    secrets,
    read: readCount,
  };
}

/** Only errcode 0 with a whole number is a count: a missing count is never 0. */
function readCount(body: JsonObject): Reading<number> {
  const { errcode, result } = body;
  if (errcode !== 0) return { received: 'a response without errcode 0' };
  const count = isObject(result) ? result['count'] : undefined;
  if (count === undefined) return { received: 'a response without result.count' };
  if (typeof count !== 'number' || !Number.isSafeInteger(count) || count < 0) {
    return { received: `a result.count that is not a whole number of people (${typeof count})` };
  }
  return { value: count };
}

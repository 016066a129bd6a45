import { isObject, type JsonObject, member } from './answer.ts';
import type { Credentials, Endpoints } from './credentials.ts';
import type { Endpoint } from './reason.ts';
import type { OutgoingCall } from './transport.ts';

/** A value that was read from an answer, or what was received instead of it, in words. */
type Reading<T> = { readonly value: T } | { readonly received: string };

/** A call to make, and how its successful answer is read. */
export interface ApiRequest<T> extends OutgoingCall {
  readonly endpoint: Endpoint;
  /** What must not be shown when DingTalk repeats it. */
  readonly secrets: readonly string[];
  readonly read: (body: JsonObject) => Reading<T>;
}

/** What a token call gives out. */
export interface IssuedToken {
  readonly value: string;
  /** Milliseconds from the moment of the call; undefined where DingTalk did not say. */
  readonly lifetime: number | undefined;
}

/** Credentials with which a token is fetched; the other kind is a token that is kept fresh by others. */
export type AppCredentials = Exclude<Credentials, { kind: 'access_token' }>;

/** The secrets of an app, as they are now. */
export interface AppSecrets {
  readonly clientSecret: string;
  /** Empty for an app without one. */
  readonly suiteTicket: string;
}

/**
 * The call that fetches an access token. Source: DingTalk's pages on the access token of an internal app and of a
 * third-party enterprise app.
 */
export function tokenRequest(
  credentials: AppCredentials,
  { clientSecret, suiteTicket }: AppSecrets,
  { api }: Endpoints,
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
    read: (answer) => readToken(answer, token, lifetime),
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
  const value = member(body, tokenName);
  if (typeof value !== 'string' || value === '') return { received: `an answer without ${tokenName}` };
  const seconds = member(body, lifetimeName);
  if (seconds === undefined) return { value: { value, lifetime: undefined } };
  if (typeof seconds !== 'number' || !(seconds > 0) || !Number.isFinite(seconds)) {
    return { received: `an answer whose ${lifetimeName} is not a number of seconds` };
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

/** Only errcode 0 with a whole number is a count: a missing one is never 0. */
function readCount(body: JsonObject): Reading<number> {
  if (member(body, 'errcode') !== 0) return { received: 'an answer without errcode 0' };
  const result = member(body, 'result');
  const count = isObject(result) ? member(result, 'count') : undefined;
  if (count === undefined) return { received: 'an answer without result.count' };
  if (typeof count !== 'number' || !Number.isSafeInteger(count) || count < 0) {
    return { received: `a result.count that is not a whole number of people (${typeof count})` };
  }
  return { value: count };
}

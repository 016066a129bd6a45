import { type JsonObject, member } from './answer.ts';
import type { Reader, Request } from './call.ts';
import type { Credentials, Endpoints, SecretSource } from './credentials.ts';
import { DingTalkError } from './dingtalk-error.ts';
import { readSecret } from './secret.ts';

/** What a token call hands out. */
export interface IssuedToken {
  readonly value: string;
  /** Milliseconds, from the moment of the call; undefined where DingTalk did not say. */
  readonly lifetime: number | undefined;
}

/** Credentials with which a token is fetched; the other kind is a token that somebody else keeps fresh. */
export type AppCredentials = Exclude<Credentials, { kind: 'access_token' }>;

/** The token call of an app: which of the three it is, is decided by the credentials. */
export interface TokenCall {
  readonly request: Request;
  readonly read: Reader<IssuedToken>;
}

/**
 * Prepares the token call; secret and ticket files are read anew.
 * Source: DingTalk's pages on the access token of an internal app and of a third-party enterprise app.
 *
 * @throws DingTalkError with reason `credentials` when a file cannot be read.
 */
export async function tokenCall(credentials: AppCredentials, endpoints: Endpoints): Promise<TokenCall> {
  const secret = await readCredential(credentials.clientSecret, endpoints);
  switch (credentials.kind) {
    case 'internal_app':
      return {
        request: tokenRequest(endpoints, 'accessToken', [secret], {
          appKey: credentials.clientId,
          appSecret: secret,
        }),
        read: (body) => readToken(body, 'accessToken', 'expireIn'),
      };
    case 'third_party_app':
      return {
        request: tokenRequest(endpoints, `${encodeURIComponent(credentials.corpId)}/token`, [secret], {
          client_id: credentials.clientId,
          client_secret: secret,
          grant_type: 'client_credentials',
        }),
        read: (body) => readToken(body, 'access_token', 'expires_in'),
      };
    case 'third_party_app_with_ticket': {
      const ticket = await readCredential(credentials.suiteTicket, endpoints);
      return {
        request: tokenRequest(endpoints, 'corpAccessToken', [secret, ticket], {
          suiteKey: credentials.clientId,
          suiteSecret: secret,
          authCorpId: credentials.corpId,
          suiteTicket: ticket,
        }),
        read: (body) => readToken(body, 'accessToken', 'expireIn'),
      };
    }
  }
}

/** A secret at the moment it is needed. @throws DingTalkError with reason `credentials` when it cannot be read. */
export async function readCredential(source: SecretSource, endpoints: Endpoints): Promise<string> {
  try {
    return await readSecret(source);
  } catch (error) {
    throw new DingTalkError(
      {
        endpoint: 'token',
        reason: 'credentials',
        action: 'stop',
        message: `no call to ${new URL(endpoints.api).host}: ${error instanceof Error ? error.message : 'a secret cannot be read'}`,
        hint: 'secret_file',
      },
      error,
    );
  }
}

function tokenRequest(
  endpoints: Endpoints,
  path: string,
  secrets: readonly string[],
  body: Readonly<Record<string, string>>,
): Request {
  return {
    endpoint: 'token',
    url: new URL(`${endpoints.api}/v1.0/oauth2/${path}`),
    contentType: 'application/json',
    body: JSON.stringify(body),
    secrets,
  };
}

function readToken(
  body: JsonObject,
  tokenName: string,
  lifetimeName: string,
): ReturnType<Reader<IssuedToken>> {
  const value = member(body, tokenName);
  if (typeof value !== 'string' || value === '') return { received: `an answer without ${tokenName}` };
  const seconds = member(body, lifetimeName);
  if (seconds === undefined) return { value: { value, lifetime: undefined } };
  if (typeof seconds !== 'number' || !(seconds > 0) || !Number.isFinite(seconds)) {
    return { received: `an answer whose ${lifetimeName} is not a number of seconds` };
  }
  return { value: { value, lifetime: seconds * 1000 } };
}

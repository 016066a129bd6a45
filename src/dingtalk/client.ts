import { type AccessToken, AccessTokens, type FetchedToken } from './access-tokens.ts';
import { ApiCalls, type CallContext, type ClientLimits, type ClientOptions } from './call.ts';
import type { Credentials, Endpoints, SecretSource } from './credentials.ts';
import { DingTalkError } from './dingtalk-error.ts';
import { type AppCredentials, countRequest, tokenRequest } from './requests.ts';
import { readSecret } from './secret.ts';

/** An organization as DingTalk knows it. */
export interface Account {
  readonly endpoints: Endpoints;
  readonly credentials: Credentials;
}

/** Makes a call, with retries. */
export type Retry = <T>(call: () => Promise<T>) => Promise<T>;

/** The calls to DingTalk, and the access tokens for them. Failures are `DingTalkError`s. */
export class DingTalkClient {
  readonly #tokens: AccessTokens;
  readonly #calls: ApiCalls;

  constructor(options: ClientOptions) {
    this.#tokens = new AccessTokens(options.clock);
    this.#calls = new ApiCalls(options);
  }

  setLimits(limits: ClientLimits): void {
    this.#calls.setLimits(limits);
  }

  /** The access token of an account: configured, cached or fetched. */
  async accessToken(
    { credentials, endpoints }: Account,
    retry: Retry,
    context: CallContext,
  ): Promise<AccessToken> {
    if (credentials.kind === 'access_token') {
      const value = await readCredential(credentials.accessToken, endpoints);
      return { value, secrets: [value] };
    }
    const fetch = (): Promise<FetchedToken> => retry(() => this.#fetchToken(credentials, endpoints, context));
    return this.#tokens.get(tokenKey(credentials, endpoints), fetch, context.waitSignal);
  }

  /** Drops a refused token, so that a new one is fetched. */
  dropToken({ credentials, endpoints }: Account, token: AccessToken): void {
    if (credentials.kind !== 'access_token') {
      this.#tokens.drop(tokenKey(credentials, endpoints), token.value);
    }
  }

  /**
   * One attempt to count the people of an account, as reported by DingTalk.
   *
   * @param onlyActive false counts everyone; true counts only people who have activated DingTalk.
   */
  countUsers(
    account: Account,
    token: AccessToken,
    onlyActive: boolean,
    context: CallContext,
  ): Promise<number> {
    const request = countRequest(token.value, token.secrets, account.endpoints, onlyActive);
    return this.#calls.make(request, context);
  }

  /** When the cached token of an account expires (wall clock, ms); undefined if there is none or it is unknown. */
  tokenExpiresAt({ credentials, endpoints }: Account): number | undefined {
    if (credentials.kind === 'access_token') return undefined;
    return this.#tokens.expiresAt(tokenKey(credentials, endpoints));
  }

  /** Drops the tokens of all other accounts, after a reload. */
  retainTokens(accounts: readonly Account[]): void {
    const keys = accounts.flatMap(({ credentials, endpoints }) =>
      credentials.kind === 'access_token' ? [] : [tokenKey(credentials, endpoints)],
    );
    this.#tokens.retain(new Set(keys));
  }

  async #fetchToken(
    credentials: AppCredentials,
    endpoints: Endpoints,
    context: CallContext,
  ): Promise<FetchedToken> {
    const clientSecret = await readCredential(credentials.clientSecret, endpoints);
    const suiteTicket =
      credentials.kind === 'third_party_app_with_ticket'
        ? await readCredential(credentials.suiteTicket, endpoints)
        : '';
    const request = tokenRequest(credentials, endpoints, clientSecret, suiteTicket);
    const issued = await this.#calls.make(request, context);
    return { ...issued, secrets: [issued.value, ...request.secrets] };
  }
}

/** @throws DingTalkError with reason `credentials` when the secret cannot be read. */
async function readCredential(source: SecretSource, { api }: Endpoints): Promise<string> {
  try {
    return await readSecret(source);
  } catch (error) {
    const message = error instanceof Error ? error.message : 'a secret cannot be read';
    throw new DingTalkError(
      {
        endpoint: 'token',
        reason: 'credentials',
        action: 'stop',
        message: `no call to ${new URL(api).host}: ${message}`,
        hint: 'secret_file',
      },
      error,
    );
  }
}

/** The cache's key: all credentials, so that a changed secret fetches a new token. It is never shown. */
function tokenKey(credentials: AppCredentials, { api }: Endpoints): string {
  return JSON.stringify([api, credentials]);
}

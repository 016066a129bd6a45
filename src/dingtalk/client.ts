import type { Clock } from '../clock.ts';
import { type AccessToken, AccessTokens, type FetchedToken } from './access-tokens.ts';
import { type Caller, DingTalkCalls, type SentRequest } from './call.ts';
import { CallGate, type CallLimits } from './call-gate.ts';
import { countRequest, readCount } from './count-call.ts';
import type { Credentials, Endpoints, SecretSource } from './credentials.ts';
import { type AppCredentials, tokenCall } from './token-call.ts';
import type { Transport } from './transport.ts';

/** An organization as DingTalk knows it. */
export interface Account {
  readonly endpoints: Endpoints;
  readonly credentials: Credentials;
}

/** What may change at a reload. Durations are milliseconds. */
export interface ClientLimits extends CallLimits {
  readonly requestTimeout: number;
}

export interface ClientOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly limits: ClientLimits;
  /** Told of every request that was sent, when it has ended. */
  readonly onRequest: (request: SentRequest) => void;
}

/** All that the exporter asks of DingTalk, one attempt a call; failures are `DingTalkError`s. */
export class DingTalkClient {
  readonly tokens: AccessTokens;
  readonly #gate: CallGate;
  readonly #calls: DingTalkCalls;
  readonly #transport: Transport;
  #limits: ClientLimits;

  constructor({ transport, clock, limits, onRequest }: ClientOptions) {
    this.#transport = transport;
    this.#limits = limits;
    this.tokens = new AccessTokens(clock);
    this.#gate = new CallGate(clock, limits);
    this.#calls = new DingTalkCalls({
      transport,
      gate: this.#gate,
      clock,
      requestTimeout: () => this.#limits.requestTimeout,
      onRequest,
    });
  }

  setLimits(limits: ClientLimits): void {
    this.#limits = limits;
    this.#gate.setLimits(limits);
  }

  /**
   * Fetches a new access token. Secret and ticket files are read anew.
   *
   * @param former the token before, which must not be seen either.
   */
  async fetchToken(
    credentials: AppCredentials,
    endpoints: Endpoints,
    caller: Caller,
    former: string | undefined,
  ): Promise<FetchedToken> {
    const { request, read } = await tokenCall(credentials, endpoints);
    const secrets = former === undefined ? request.secrets : [former, ...request.secrets];
    const issued = await this.#calls.make({ ...request, secrets }, caller, read);
    return { ...issued, secrets: [issued.value, ...secrets] };
  }

  /** Everyone, or with `onlyActive` only who has activated DingTalk, as reported by DingTalk. */
  countUsers(endpoints: Endpoints, token: AccessToken, onlyActive: boolean, caller: Caller): Promise<number> {
    return this.#calls.make(countRequest(endpoints, token, onlyActive), caller, readCount);
  }

  /** When the token at hand for an account expires (wall clock, ms); undefined where there is none or nobody knows. */
  tokenExpiresAt({ credentials, endpoints }: Account): number | undefined {
    if (credentials.kind === 'access_token') return undefined;
    return this.tokens.atHand(tokenKey(credentials, endpoints))?.expiresAt;
  }

  /** Forgets the tokens of all but these accounts, after a reload. */
  retainTokens(accounts: readonly Account[]): void {
    const keys = new Set<string>();
    for (const { credentials, endpoints } of accounts) {
      if (credentials.kind !== 'access_token') keys.add(tokenKey(credentials, endpoints));
    }
    this.tokens.retain(keys);
  }

  async close(): Promise<void> {
    this.#gate.close();
    await this.#transport.close();
  }
}

/**
 * What a token is kept under: whatever it was fetched with, so that a changed secret fetches a new one. It may
 * hold a secret and is never shown.
 */
export function tokenKey(credentials: AppCredentials, { api }: Endpoints): string {
  const { kind, clientId, clientSecret } = credentials;
  const corpId = kind === 'internal_app' ? '' : credentials.corpId;
  const ticket = kind === 'third_party_app_with_ticket' ? sourceKey(credentials.suiteTicket) : '';
  return JSON.stringify([api, kind, corpId, clientId, sourceKey(clientSecret), ticket]);
}

function sourceKey(source: SecretSource): string {
  return source.kind === 'inline' ? `inline ${source.value}` : `file ${source.path}`;
}

import type { Clock } from '../clock.ts';
import type { IssuedToken } from './requests.ts';

/** A token that can be used. */
export interface AccessToken {
  readonly value: string;
  /** What must not be shown of a call that is made with it: itself, and what it was fetched with. */
  readonly secrets: readonly string[];
}

/** A token that was just fetched. */
export type FetchedToken = IssuedToken & AccessToken;

interface CachedToken extends AccessToken {
  /** Wall clock, ms; undefined where DingTalk did not say. */
  readonly expiresAt: number | undefined;
  /** Monotonic, ms: from then on a new one is fetched. */
  readonly renewAt: number;
}

/** A fetch under way, and the signal that ends it. */
interface Fetch {
  readonly token: Promise<AccessToken>;
  readonly signal: AbortSignal;
}

/** Milliseconds before a token expires at which the next one is fetched. */
const RENEW_AHEAD = 5 * 60_000;

/**
 * The cache of access tokens. Its keys are what the tokens are fetched with, so that organizations that share an app
 * share its token, and only one fetch for it is under way at a time.
 */
export class AccessTokens {
  readonly #clock: Clock;
  readonly #cached = new Map<string, CachedToken>();
  readonly #fetches = new Map<string, Fetch>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * The cached token, or a new one. A fetch that is under way already is waited for.
   *
   * @param signal ends the wait, and the fetch that is made for it. @throws its reason then, and whatever `fetch` throws.
   */
  async get(key: string, fetch: () => Promise<FetchedToken>, signal: AbortSignal): Promise<AccessToken> {
    for (;;) {
      signal.throwIfAborted();
      const cached = this.#cached.get(key);
      if (cached !== undefined && this.#clock.monotonicTime() < cached.renewAt) return cached;
      const underWay = this.#fetches.get(key);
      if (underWay === undefined) return this.#fetch(key, fetch, signal);
      try {
        return await unlessAborted(underWay.token, signal);
      } catch (error) {
        // A fetch that was aborted says nothing to the others who waited for it: one of them fetches now.
        if (signal.aborted || !underWay.signal.aborted) throw error;
      }
    }
  }

  /** When the cached token expires (wall clock, ms); undefined where unknown. */
  expiresAt(key: string): number | undefined {
    return this.#cached.get(key)?.expiresAt;
  }

  /** Drops a token that was refused, unless it has been replaced already. */
  drop(key: string, value: string): void {
    if (this.#cached.get(key)?.value === value) this.#cached.delete(key);
  }

  /** Drops all tokens but these, after a reload. */
  retain(keys: ReadonlySet<string>): void {
    for (const key of this.#cached.keys()) if (!keys.has(key)) this.#cached.delete(key);
  }

  #fetch(key: string, fetch: () => Promise<FetchedToken>, signal: AbortSignal): Promise<AccessToken> {
    const fetchAndCache = async (): Promise<AccessToken> => {
      try {
        // The lifetime counts from before the call, so that it is never taken for longer than it is.
        const monotonic = this.#clock.monotonicTime();
        const wall = this.#clock.wallTime();
        const { value, lifetime, secrets } = await fetch();
        const token: CachedToken = {
          value,
          secrets,
          expiresAt: lifetime === undefined ? undefined : wall + lifetime,
          renewAt: lifetime === undefined ? Infinity : monotonic + timeInUse(lifetime),
        };
        this.#cached.set(key, token);
        return token;
      } finally {
        this.#fetches.delete(key);
      }
    };
    const token = fetchAndCache();
    this.#fetches.set(key, { token, signal });
    return token;
  }
}

/** Milliseconds. A token that lives no longer than it is renewed ahead would otherwise never be used twice. */
function timeInUse(lifetime: number): number {
  return lifetime > RENEW_AHEAD ? lifetime - RENEW_AHEAD : lifetime / 2;
}

/** The promise's outcome, or the signal's reason thrown, whichever comes first. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

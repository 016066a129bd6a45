import type { Clock } from '../clock.ts';
import type { IssuedToken } from './requests.ts';

/** An access token. */
export interface AccessToken {
  readonly value: string;
  /** Secrets to hide in messages about calls that use it: the token, and those that it was fetched with. */
  readonly secrets: readonly string[];
}

/** A token that was just fetched. */
export type FetchedToken = IssuedToken & AccessToken;

interface CachedToken extends AccessToken {
  /** Wall clock, ms; undefined if DingTalk did not say. */
  readonly expiresAt: number | undefined;
  /** Monotonic, ms: when a new one is fetched. */
  readonly renewAt: number;
}

/** A fetch in progress, and the signal that ends it. */
interface Fetch {
  readonly token: Promise<AccessToken>;
  readonly signal: AbortSignal;
}

/** Milliseconds before a token expires at which the next one is fetched. */
const RENEW_AHEAD = 5 * 60_000;

/**
 * The cache of access tokens. Organizations that share an app use the same key, and so the same token. One fetch for
 * a key is in progress at a time.
 */
export class AccessTokens {
  readonly #clock: Clock;
  readonly #cached = new Map<string, CachedToken>();
  readonly #fetches = new Map<string, Fetch>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * The cached token, or a new one.
   *
   * @param signal aborts the wait, and the fetch if this call began it.
   * @throws the signal's reason, or whatever `fetch` throws.
   */
  async get(key: string, fetch: () => Promise<FetchedToken>, signal: AbortSignal): Promise<AccessToken> {
    for (;;) {
      signal.throwIfAborted();
      const cached = this.#cached.get(key);
      if (cached !== undefined && this.#clock.monotonicTime() < cached.renewAt) return cached;
      const inProgress = this.#fetches.get(key);
      if (inProgress === undefined) return this.#fetch(key, fetch, signal);
      try {
        return await unlessAborted(inProgress.token, signal);
      } catch (error) {
        // If only the poll that began the fetch was aborted, one of the others fetches now.
        if (signal.aborted || !inProgress.signal.aborted) throw error;
      }
    }
  }

  /** When the cached token expires (wall clock, ms); undefined if unknown. */
  expiresAt(key: string): number | undefined {
    return this.#cached.get(key)?.expiresAt;
  }

  /** Drops a refused token, unless it was already replaced. */
  drop(key: string, value: string): void {
    if (this.#cached.get(key)?.value === value) this.#cached.delete(key);
  }

  /** Drops all other tokens. */
  retain(keys: ReadonlySet<string>): void {
    for (const key of this.#cached.keys()) if (!keys.has(key)) this.#cached.delete(key);
  }

  #fetch(key: string, fetch: () => Promise<FetchedToken>, signal: AbortSignal): Promise<AccessToken> {
    const fetchAndCache = async (): Promise<AccessToken> => {
      try {
        // The lifetime counts from before the call, so that it is never overestimated.
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

/** Milliseconds. Without the exception, a token with a short lifetime would never be used twice. */
function timeInUse(lifetime: number): number {
  return lifetime > RENEW_AHEAD ? lifetime - RENEW_AHEAD : lifetime / 2;
}

/** Settles as the promise does, or rejects with the signal's reason, whichever comes first. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

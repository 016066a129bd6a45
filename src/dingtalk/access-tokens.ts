import type { Clock } from '../clock.ts';
import type { IssuedToken } from './token-call.ts';
import { unlessAborted } from './unless-aborted.ts';

/** A token at hand. */
export interface AccessToken {
  readonly value: string;
  /** What must not be seen of any call that is made with it: itself, and what it was fetched with. */
  readonly secrets: readonly string[];
  /** Wall clock, ms; undefined where unknown. */
  readonly expiresAt: number | undefined;
}

/** A token that was fetched, and what must not be seen of the calls that are made with it. */
export interface FetchedToken extends IssuedToken {
  readonly secrets: readonly string[];
}

/** Fetches a token, with retries of its own. The former one is no secret less for being over. */
export type FetchToken = (former: string | undefined) => Promise<FetchedToken>;

interface KeptToken extends AccessToken {
  /** Monotonic, ms: from then on a new one is fetched. */
  readonly renewAt: number;
}

/** A token on its way, and the signal of who fetches it. */
interface Fetch {
  readonly token: Promise<AccessToken>;
  readonly fetcher: AbortSignal;
}

/** Stands in the place of a moment: the token was refused and is never given out again. */
const REFUSED = -Infinity;

/** Milliseconds before a token expires at which the next one is fetched. */
const RENEW_AHEAD = 5 * 60_000;

/**
 * The access tokens at hand, each kept under what it was fetched with, so that organizations that share an app
 * share its token, and nobody fetches one while another does.
 */
export class AccessTokens {
  readonly #clock: Clock;
  readonly #kept = new Map<string, KeptToken>();
  readonly #fetches = new Map<string, Fetch>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * The token at hand, or a new one. Where one is being fetched already it is waited for.
   *
   * @param waiting aborted when the caller no longer waits. @throws its reason then, and whatever `fetch` throws.
   */
  async get(key: string, fetch: FetchToken, waiting: AbortSignal): Promise<AccessToken> {
    for (;;) {
      waiting.throwIfAborted();
      const kept = this.#kept.get(key);
      if (kept !== undefined && this.#clock.monotonicTime() < kept.renewAt) return kept;
      const underWay = this.#fetches.get(key);
      if (underWay === undefined) return this.#fetch(key, fetch, waiting);
      try {
        return await unlessAborted(underWay.token, waiting);
      } catch (error) {
        // Whoever fetched was told to stop, or its time was up: no answer to those who waited. One of them fetches now.
        if (waiting.aborted || !underWay.fetcher.aborted) throw error;
      }
    }
  }

  /** The token that is kept, unless it was refused. */
  atHand(key: string): AccessToken | undefined {
    const kept = this.#kept.get(key);
    return kept?.renewAt === REFUSED ? undefined : kept;
  }

  /** Gives out a token no more that was refused, unless another has taken its place since. */
  drop(key: string, value: string): void {
    const kept = this.#kept.get(key);
    if (kept?.value === value) this.#kept.set(key, { ...kept, renewAt: REFUSED });
  }

  /** Forgets every token but these, after a reload. */
  retain(keys: ReadonlySet<string>): void {
    for (const key of this.#kept.keys()) {
      if (!keys.has(key)) this.#kept.delete(key);
    }
  }

  #fetch(key: string, fetch: FetchToken, fetcher: AbortSignal): Promise<AccessToken> {
    const fetching = (async () => {
      try {
        // The lifetime is counted from before the call, so it is never taken for longer than it is.
        const monotonic = this.#clock.monotonicTime();
        const wall = this.#clock.wallTime();
        const { value, lifetime, secrets } = await fetch(this.#kept.get(key)?.value);
        const token: KeptToken = {
          value,
          secrets,
          expiresAt: lifetime === undefined ? undefined : wall + lifetime,
          renewAt: lifetime === undefined ? Infinity : monotonic + keptFor(lifetime),
        };
        this.#kept.set(key, token);
        return token;
      } finally {
        this.#fetches.delete(key);
      }
    })();
    this.#fetches.set(key, { token: fetching, fetcher });
    return fetching;
  }
}

/** How long a token is given out (ms). One that lives no longer than it is renewed ahead would never be kept. */
function keptFor(lifetime: number): number {
  return lifetime > RENEW_AHEAD ? lifetime - RENEW_AHEAD : lifetime / 2;
}

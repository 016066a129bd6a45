import { createHmac, randomBytes } from 'node:crypto';
import bcrypt from 'bcryptjs';

/** `busy` means that the password was not checked because the queue is full. */
export type AuthenticationResult = 'accepted' | 'refused' | 'busy';

/** Correct passwords that are cached. */
const MAXIMUM_CACHED = 256;

/** Passwords in the queue: at the usual bcrypt cost the last one waits about one scrape timeout. */
export const MAXIMUM_WAITING = 128;

interface Waiting {
  readonly password: string;
  readonly hash: string;
  readonly settle: (matches: boolean | 'busy') => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Basic authentication. Passwords are compared with bcrypt one at a time, round robin by client address. Correct ones
 * are cached as keyed hashes, so that a scrape needs no bcrypt.
 */
export class BasicAuth {
  readonly #key = randomBytes(32);
  /** Digests of user, hash and password, oldest first; still valid when other users change. */
  readonly #cached = new Set<string>();
  /** By client address and digest: requests with the same password share one comparison. */
  readonly #inProgress = new Map<string, Promise<AuthenticationResult>>();
  /** By client address, the next one first. */
  readonly #waiting = new Map<string, Waiting[]>();
  #waitingCount = 0;
  #isComparing = false;

  /**
   * @param header the Authorization header
   * @param users the bcrypt hash of each user's password
   * @param address the client's
   */
  async authenticate(
    header: string | undefined,
    users: ReadonlyMap<string, string>,
    address: string,
  ): Promise<AuthenticationResult> {
    const credentials = header === undefined ? undefined : parseCredentials(header);
    if (credentials === undefined) return 'refused';
    const { user, password } = credentials;
    const isKnown = users.has(user);
    const hash = users.get(user) ?? this.#decoy(user, users);
    const digest = this.#digest(JSON.stringify([user, hash, password])).toString('latin1');
    if (this.#cached.has(digest)) return 'accepted';
    const work = `${address} ${digest}`;
    const shared = this.#inProgress.get(work);
    if (shared !== undefined) return shared;

    const result = this.#compare(password, hash, address)
      .then((matches): AuthenticationResult => {
        if (matches === 'busy') return 'busy';
        if (!matches || !isKnown) return 'refused';
        this.#cache(digest);
        return 'accepted';
      })
      .finally(() => this.#inProgress.delete(work));
    this.#inProgress.set(work, result);
    return result;
  }

  #digest(text: string): Buffer {
    return createHmac('sha256', this.#key).update(text).digest();
  }

  /**
   * The hash of another user, so that an unknown name takes as long as a known one. Hashes may differ in cost, so a
   * name always gets the same one.
   */
  #decoy(user: string, users: ReadonlyMap<string, string>): string {
    const hashes = [...users.values()];
    return hashes[this.#digest(user).readUInt32BE() % hashes.length] ?? '';
  }

  #cache(digest: string): void {
    this.#cached.add(digest);
    const [oldest] = this.#cached;
    if (this.#cached.size > MAXIMUM_CACHED && oldest !== undefined) this.#cached.delete(oldest);
  }

  #compare(password: string, hash: string, address: string): Promise<boolean | 'busy'> {
    return new Promise((settle, fail) => {
      const ofAddress = this.#waiting.get(address) ?? [];
      if (this.#waitingCount === MAXIMUM_WAITING && !this.#dropOne(ofAddress.length)) {
        settle('busy');
        return;
      }
      ofAddress.push({ password, hash, settle, fail });
      this.#waiting.set(address, ofAddress);
      this.#waitingCount += 1;
      if (!this.#isComparing) void this.#compareAll();
    });
  }

  /** Drops a password of the address with the longest queue, unless the new one would make its own queue the longest. */
  #dropOne(waitingOfAddress: number): boolean {
    let most: Waiting[] = [];
    for (const waiting of this.#waiting.values()) if (waiting.length > most.length) most = waiting;
    if (most.length <= waitingOfAddress + 1) return false;
    most.pop()?.settle('busy');
    this.#waitingCount -= 1;
    return true;
  }

  async #compareAll(): Promise<void> {
    this.#isComparing = true;
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      try {
        next.settle(await bcrypt.compare(next.password, next.hash));
      } catch (error) {
        next.fail(error);
      }
    }
    this.#isComparing = false;
  }

  #next(): Waiting | undefined {
    const [turn] = this.#waiting;
    if (turn === undefined) return undefined;
    const [address, ofAddress] = turn;
    const next = ofAddress.shift();
    this.#waiting.delete(address);
    if (ofAddress.length > 0) this.#waiting.set(address, ofAddress);
    this.#waitingCount -= 1;
    return next;
  }
}

function parseCredentials(header: string): { user: string; password: string } | undefined {
  const token = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(header)?.[1];
  if (token === undefined) return undefined;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(token, 'base64'));
  } catch {
    return undefined;
  }
  const colon = text.indexOf(':');
  return colon === -1 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

import { createHmac, randomBytes } from 'node:crypto';
import type { PasswordCheck } from './password-check.ts';

/** `busy` means that the password was not checked: too many others wait for that. */
export type Verdict = 'accepted' | 'refused' | 'busy';

/** What a 401 has to say, so that clients know what to send, and in which encoding (RFC 7617). */
export const CHALLENGE = 'Basic realm="dingtalk-headcount-exporter", charset="UTF-8"';

const MAXIMUM_VERIFIED = 256;

/**
 * Basic authentication for one set of users. Unknown users cost what known ones cost, so that the time of an
 * answer tells nothing; a password that was right is known again by a keyed hash, so that a scrape costs no
 * bcrypt. With another set of users comes another instance, and nothing is remembered.
 */
export class BasicAuth {
  readonly #users: ReadonlyMap<string, string>;
  readonly #hashes: readonly string[];
  readonly #check: PasswordCheck;
  readonly #key = randomBytes(32);
  /** Keyed hashes of Authorization headers that were right, oldest first. */
  readonly #verified = new Set<string>();
  readonly #inFlight = new Map<string, Promise<Verdict>>();

  /** @param users the bcrypt hash of each user's password; at least one */
  constructor(users: ReadonlyMap<string, string>, check: PasswordCheck) {
    this.#users = users;
    this.#hashes = [...users.values()];
    this.#check = check;
  }

  /**
   * Judges an Authorization header.
   *
   * @param peer the address of the client
   */
  judge(header: string | undefined, peer: string): Verdict | Promise<Verdict> {
    if (header === undefined) return 'refused';
    const key = this.#digest(header).toString('latin1');
    if (this.#verified.has(key)) return 'accepted';
    const credentials = readCredentials(header);
    if (credentials === undefined) return 'refused';
    const shared = this.#inFlight.get(key);
    if (shared !== undefined) return shared;

    const known = this.#users.get(credentials.user);
    const matches = this.#check.matches(credentials.password, known ?? this.#decoy(credentials.user), peer);
    if (matches === undefined) return 'busy';
    const verdict = matches
      .then((isRight): Verdict => {
        if (!isRight || known === undefined) return 'refused';
        this.#remember(key);
        return 'accepted';
      })
      .finally(() => this.#inFlight.delete(key));
    this.#inFlight.set(key, verdict);
    return verdict;
  }

  #digest(text: string): Buffer {
    return createHmac('sha256', this.#key).update(text).digest();
  }

  /**
   * The hash of somebody else, to be compared in vain. It is the same one for a name whatever the password, as it
   * is for users who are known: where hashes differ in cost, another one each time would tell that there is no such user.
   */
  #decoy(user: string): string {
    return this.#hashes[this.#digest(user).readUInt32BE() % this.#hashes.length] ?? '';
  }

  #remember(key: string): void {
    this.#verified.add(key);
    if (this.#verified.size <= MAXIMUM_VERIFIED) return;
    const [oldest] = this.#verified;
    if (oldest !== undefined) this.#verified.delete(oldest);
  }
}

function readCredentials(header: string): { user: string; password: string } | undefined {
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

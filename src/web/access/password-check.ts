import type { Clock } from '../../clock.ts';

/** Passwords that wait to be checked: of all clients together, and of one address. */
const MAXIMUM_WAITING = 32;
const MAXIMUM_WAITING_OF_ONE_PEER = 8;

interface Job {
  readonly password: string;
  readonly hash: string;
  readonly peer: string;
  readonly settle: (matches: boolean) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Compares passwords with bcrypt hashes, one at a time, and not more than half of the time: a comparison keeps
 * the processor busy for as long as its cost says, and a flood of wrong passwords must leave time to others.
 */
export class PasswordCheck {
  readonly #clock: Clock;
  readonly #waiting: Job[] = [];
  #busy = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Whether the password is the one of the hash.
   *
   * @param peer the address that it came from: one address cannot take all places
   * @returns undefined where too many wait already
   */
  matches(password: string, hash: string, peer: string): Promise<boolean> | undefined {
    if (this.#waiting.length >= MAXIMUM_WAITING) return undefined;
    const ofPeer = this.#waiting.filter((job) => job.peer === peer).length;
    if (ofPeer >= MAXIMUM_WAITING_OF_ONE_PEER) return undefined;
    return new Promise((settle, fail) => {
      this.#waiting.push({ password, hash, peer, settle, fail });
      if (!this.#busy) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#busy = true;
    for (let job = this.#waiting.shift(); job !== undefined; job = this.#waiting.shift()) {
      const start = this.#clock.monotonicTime();
      try {
        const { default: bcrypt } = await import('bcryptjs');
        job.settle(await bcrypt.compare(job.password, job.hash));
      } catch (error) {
        job.fail(error);
      }
      await this.#rest(this.#clock.monotonicTime() - start);
    }
    this.#busy = false;
  }

  #rest(duration: number): Promise<void> {
    if (duration <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#clock.setTimer(resolve, duration);
    });
  }
}

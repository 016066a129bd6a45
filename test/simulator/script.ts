import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../src/clock.ts';
import type { Answer } from './answers.ts';
import { matches, type RecordedRequest, type Target } from './record.ts';

/** One request and the means to answer it. */
export interface Exchange {
  /** What came in. */
  readonly received: RecordedRequest;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly clock: Clock;
  /**
   * What DingTalk would answer now. For a token call it hands out a token. With `onlyActive` the counting call
   * is taken as if it had asked for that.
   */
  honest(asked?: { readonly onlyActive: boolean }): Answer;
}

/** What is said: it is sent as a well-behaved server sends it, unless a delivery does otherwise. */
export type Reply = (exchange: Exchange) => Answer;

/** What is done with a request: it returns what is to be sent, or nothing where it has seen to that itself. */
export type Behavior = (exchange: Exchange) => Answer | undefined;

/** A behavior at work. */
export interface Scripted {
  /** How many requests it has met. */
  readonly used: number;
  /** Ends it. What it does to requests already met goes on. */
  stop(): void;
}

interface Entry extends Scripted {
  readonly target: Target;
  readonly behavior: Behavior;
  left: number;
  used: number;
}

/** Which requests are treated otherwise than DingTalk's documentation says. */
export class Script {
  readonly #limited: Entry[] = [];
  readonly #lasting: Entry[] = [];

  /** For the next requests that match, after those scripted before: `times` of them, one unless given. */
  once(target: Target, behavior: Behavior, times = 1): Scripted {
    return this.#add(this.#limited, target, behavior, times);
  }

  /** For every request that matches and finds no `once`, until it is stopped. The newest one goes first. */
  always(target: Target, behavior: Behavior): Scripted {
    return this.#add(this.#lasting, target, behavior, Number.POSITIVE_INFINITY);
  }

  /** Ends all behaviors. */
  clear(): void {
    this.#limited.length = 0;
    this.#lasting.length = 0;
  }

  /** The behavior for a request, used up by this. */
  take(request: RecordedRequest): Behavior | undefined {
    const fits = (entry: Entry): boolean => matches(entry.target, request);
    const entry = this.#limited.find(fits) ?? this.#lasting.findLast(fits);
    if (entry === undefined) return undefined;
    entry.used += 1;
    entry.left -= 1;
    if (entry.left === 0) entry.stop();
    return entry.behavior;
  }

  #add(entries: Entry[], target: Target, behavior: Behavior, left: number): Entry {
    const entry: Entry = {
      target,
      behavior,
      left,
      used: 0,
      stop: () => {
        const index = entries.indexOf(entry);
        if (index >= 0) entries.splice(index, 1);
      },
    };
    entries.push(entry);
    return entry;
  }
}

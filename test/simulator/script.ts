import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { Clock } from '../../src/clock.ts';
import type { Endpoint } from './calls.ts';
import type { SimulatedOrganization } from './organizations.ts';
import type { Answer } from './replies.ts';

/** A request that arrived whole. */
export interface ReceivedRequest {
  readonly endpoint: Endpoint;
  readonly method: string;
  /** Without the query, which holds the token. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Of a counting call, where it was readable. */
  readonly onlyActive: boolean | undefined;
  /** Whom it is about, as far as that can be told. */
  readonly organization: SimulatedOrganization | undefined;
  /** The request id that an answer carries. */
  readonly requestId: string;
  /** On the monotonic clock (ms). */
  readonly arrivedAt: number;
}

/** One request and the means to answer it. */
export interface Exchange {
  readonly received: ReceivedRequest;
  readonly clock: Clock;
  /**
   * What DingTalk would answer now. A token call issues a token. With `onlyActive` the counting call is answered as
   * if it had asked for that.
   */
  honest(asked?: { readonly onlyActive: boolean }): Answer;
  /** Keeps the caller waiting until `send`, or until it gives up: nothing happens unless time moves or a test acts. */
  stall(): void;
  send(answer: Answer): void;
  /** Calls back once the exchange is over: answered, or given up by the caller. */
  onClose(listener: () => void): void;
  /** What is written to the socket. @throws Error where there is none. */
  readonly response: ServerResponse;
}

/** What is answered. */
export type Reply = (exchange: Exchange) => Answer;

/** What is done with a request: it returns the answer, or nothing where it sees to the answer itself. */
export type Behavior = (exchange: Exchange) => Answer | undefined;

/** Which requests are meant: what is left out may be anything. */
export interface RequestFilter {
  readonly endpoint?: Endpoint;
  readonly onlyActive?: boolean;
  readonly organization?: SimulatedOrganization;
}

/** An endpoint, or an endpoint narrowed further. */
export type Target = Endpoint | RequestFilter;

function matches(target: Target, request: Required<RequestFilter> | ReceivedRequest): boolean {
  const filter: RequestFilter = typeof target === 'string' ? { endpoint: target } : target;
  return (
    (filter.endpoint ?? request.endpoint) === request.endpoint &&
    (filter.onlyActive ?? request.onlyActive) === request.onlyActive &&
    (filter.organization ?? request.organization) === request.organization
  );
}

interface Entry {
  readonly target: Target;
  readonly behavior: Behavior;
  left: number;
}

/** Which requests are treated otherwise than documented. */
export class Script {
  #limited: Entry[] = [];
  #lasting: Entry[] = [];

  /** For the next requests that match, after those scripted before: `times` of them, one unless given. */
  once(target: Target, behavior: Behavior, times = 1): void {
    this.#limited.push({ target, behavior, left: times });
  }

  /** For every request that matches and finds no `once`, until it is stopped. The newest one goes first. */
  always(target: Target, behavior: Behavior): { stop(): void } {
    const entry = { target, behavior, left: Number.POSITIVE_INFINITY };
    this.#lasting.unshift(entry);
    return {
      stop: () => {
        this.#lasting = this.#lasting.filter((each) => each !== entry);
      },
    };
  }

  /** Ends all behaviors. */
  clear(): void {
    this.#limited = [];
    this.#lasting = [];
  }

  /** The behavior for a request, which is used up by this. */
  take(request: ReceivedRequest): Behavior | undefined {
    const entry = [...this.#limited, ...this.#lasting].find(({ target }) => matches(target, request));
    if (entry === undefined) return undefined;
    entry.left -= 1;
    if (entry.left === 0) this.#limited = this.#limited.filter((each) => each !== entry);
    return entry.behavior;
  }
}

/** How many requests are kept whole. */
const KEPT_REQUESTS = 1000;

/** What arrived: the last requests whole, and exact counts of all. */
export class RequestRecord {
  #kept: ReceivedRequest[] = [];
  readonly #counts = new Map<string, { readonly request: ReceivedRequest; count: number }>();
  readonly #watchers = new Set<() => void>();
  /** How many are being answered. */
  inFlight = 0;

  /** The last requests, oldest first. */
  kept(target: Target = {}): ReceivedRequest[] {
    return this.#kept.filter((request) => matches(target, request));
  }

  /** How many arrived since the start, or since `forget`. */
  count(target: Target = {}): number {
    let sum = 0;
    for (const { request, count } of this.#counts.values()) if (matches(target, request)) sum += count;
    return sum;
  }

  /** Resolves once `count(target)` has reached `total`. */
  whenCount(total: number, target: Target = {}): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (this.count(target) < total) return;
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
      look();
    });
  }

  /** Starts all counts anew. */
  forget(): void {
    this.#kept = [];
    this.#counts.clear();
  }

  add(request: ReceivedRequest): void {
    this.#kept.push(request);
    if (this.#kept.length > KEPT_REQUESTS) this.#kept.shift();
    const { endpoint, onlyActive, organization } = request;
    const key = JSON.stringify([endpoint, onlyActive, organization?.clientId, organization?.corpId]);
    const counter = this.#counts.get(key) ?? { request, count: 0 };
    this.#counts.set(key, counter);
    counter.count += 1;
    for (const watcher of this.#watchers) watcher();
  }
}

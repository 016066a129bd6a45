import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { Clock } from '../../src/clock.ts';
import type { Endpoint } from './calls.ts';
import type { SimulatedOrganization } from './organizations.ts';
import type { Answer } from './replies.ts';

/** A request that arrived whole. */
export interface ReceivedRequest {
  readonly endpoint: Endpoint;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Of a counting call, where it is a boolean. */
  readonly onlyActive: boolean | undefined;
  /** Its organization, where the client id, corp id or token is known. */
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
  /** What DingTalk would answer now. A token call issues a token. */
  honest(): Answer;
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

/** What is done with a request: it returns the answer, or undefined where it sends one itself, or none. */
export type Behavior = (exchange: Exchange) => Answer | undefined;

/** Selects requests: a missing key matches all. */
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

/** The requests that are not answered as documented. */
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

  /** The behavior for a request; what is limited is used up by it. */
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

/** The requests that arrived: the last ones whole, and exact counts of all. */
export class RequestRecord {
  #kept: ReceivedRequest[] = [];
  readonly #counts = new Map<string, { readonly request: ReceivedRequest; count: number }>();
  /** The number of requests without an answer yet. */
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
  }
}

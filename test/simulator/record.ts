import type { IncomingHttpHeaders } from 'node:http';
import type { Endpoint } from './calls.ts';
import type { SimulatedOrganization } from './organizations.ts';

/** A request that arrived whole. */
export interface RecordedRequest {
  readonly endpoint: Endpoint;
  readonly method: string;
  /** Without the query, which holds the token. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** What a counting call brought along. */
  readonly accessToken: string | undefined;
  readonly onlyActive: boolean | undefined;
  /** Whom it is about, if that can be told. */
  readonly organization: SimulatedOrganization | undefined;
  /** The request id that an honest answer carries. */
  readonly requestId: string;
  /** When its last byte came, on the monotonic clock (ms). */
  readonly arrivedAt: number;
  /** The same moment on the wall clock (ms). */
  readonly arrivedAtWall: number;
}

/** Which requests are meant: what is left out may be anything. */
export interface RequestFilter {
  readonly endpoint?: Endpoint;
  readonly onlyActive?: boolean;
  readonly organization?: SimulatedOrganization;
}

/** An endpoint, or an endpoint narrowed further. */
export type Target = Endpoint | RequestFilter;

/** Whether a request is one of those meant. */
export function matches(
  target: Target,
  request: Pick<RecordedRequest, 'endpoint' | 'onlyActive' | 'organization'>,
): boolean {
  const filter: RequestFilter = typeof target === 'string' ? { endpoint: target } : target;
  return (
    (filter.endpoint === undefined || filter.endpoint === request.endpoint) &&
    (filter.onlyActive === undefined || filter.onlyActive === request.onlyActive) &&
    (filter.organization === undefined || filter.organization === request.organization)
  );
}

interface Counter extends Pick<RecordedRequest, 'endpoint' | 'onlyActive' | 'organization'> {
  count: number;
}

interface Waiter {
  readonly target: Target;
  missing: number;
  readonly resolve: (last: RecordedRequest) => void;
}

/** Keeps what arrived: the last requests whole, and exact counts of all. */
export class RequestRecord {
  readonly #limit: number;
  #kept: RecordedRequest[] = [];
  readonly #counters = new Map<SimulatedOrganization | undefined, Map<string, Counter>>();
  readonly #waiters = new Set<Waiter>();
  #inFlight = 0;
  #maxInFlight = 0;
  #idleWaiters: (() => void)[] = [];

  /** @param limit how many requests are kept whole. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The last requests, oldest first. */
  kept(target: Target = {}): RecordedRequest[] {
    return this.#kept.slice(-this.#limit).filter((request) => matches(target, request));
  }

  /** How many arrived since the start, or since `forget`; exact however many are kept. */
  count(target: Target = {}): number {
    let sum = 0;
    for (const counters of this.#counters.values()) {
      for (const counter of counters.values()) if (matches(target, counter)) sum += counter.count;
    }
    return sum;
  }

  /** The next one that arrives from now on. Never settles where none does: a test has its own deadline. */
  next(target: Target = {}): Promise<RecordedRequest> {
    return this.#wait(target, 1);
  }

  /** Resolves once `count(target)` has reached `total`. */
  async whenCount(total: number, target: Target = {}): Promise<void> {
    const missing = total - this.count(target);
    if (missing > 0) await this.#wait(target, missing);
  }

  /** Resolves once no request is being read or answered any more. */
  whenIdle(): Promise<void> {
    if (this.#inFlight === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idleWaiters.push(resolve));
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** The largest number of requests that were open at the same time. */
  get maxInFlight(): number {
    return this.#maxInFlight;
  }

  /** The largest number of kept arrivals in any window of one second, its end not included. */
  busiestSecond(target: Target = {}): number {
    const arrivals = this.kept(target).map((request) => request.arrivedAt);
    let first = 0;
    let most = 0;
    for (const [index, arrival] of arrivals.entries()) {
      while (arrival - (arrivals[first] ?? arrival) >= 1000) first += 1;
      most = Math.max(most, index - first + 1);
    }
    return most;
  }

  /** Starts all counts anew. What is in flight stays in flight. */
  forget(): void {
    this.#kept = [];
    this.#counters.clear();
    this.#maxInFlight = this.#inFlight;
  }

  /** A request has begun. */
  opened(): void {
    this.#inFlight += 1;
    this.#maxInFlight = Math.max(this.#maxInFlight, this.#inFlight);
  }

  /** A request has been answered, or its connection is gone. */
  closed(): void {
    this.#inFlight -= 1;
    if (this.#inFlight > 0) return;
    for (const resolve of this.#idleWaiters.splice(0)) resolve();
  }

  /** A request has arrived whole. */
  arrived(request: RecordedRequest): void {
    this.#kept.push(request);
    if (this.#kept.length >= 2 * this.#limit) this.#kept = this.#kept.slice(-this.#limit);
    this.#countOne(request);
    for (const waiter of this.#waiters) {
      if (!matches(waiter.target, request)) continue;
      waiter.missing -= 1;
      if (waiter.missing > 0) continue;
      this.#waiters.delete(waiter);
      waiter.resolve(request);
    }
  }

  #countOne({ endpoint, onlyActive, organization }: RecordedRequest): void {
    const counters = this.#counters.get(organization) ?? new Map<string, Counter>();
    this.#counters.set(organization, counters);
    const key = `${endpoint} ${onlyActive}`;
    const counter = counters.get(key) ?? { endpoint, onlyActive, organization, count: 0 };
    counters.set(key, counter);
    counter.count += 1;
  }

  #wait(target: Target, missing: number): Promise<RecordedRequest> {
    return new Promise((resolve) => this.#waiters.add({ target, missing, resolve }));
  }
}

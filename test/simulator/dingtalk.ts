import type { IncomingHttpHeaders } from 'node:http';
import type { Clock } from '../../src/clock.ts';
import { honestAnswer, onlyActiveOf, organizationOf, readCall } from './calls.ts';
import { Directory } from './organizations.ts';
import { type Exchange, type ReceivedRequest, RequestRecord, Script } from './script.ts';

/** A request, and the means to answer it. */
export interface Incoming extends Pick<Exchange, 'stall' | 'send' | 'onClose' | 'response'> {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/**
 * A DingTalk for tests. It answers as documented until its script says otherwise. It is written from the
 * documentation alone and shares no code with the exporter.
 */
export class SimulatedDingTalk {
  /** Who exists, and which tokens were issued. */
  readonly apps: Directory;
  /** Which requests are treated otherwise than documented. */
  readonly script = new Script();
  /** What arrived. */
  readonly requests = new RequestRecord();
  readonly #clock: Clock;
  #serial = 0;

  /** @param clock decides how long tokens last, and when a request arrived. */
  constructor(clock: Clock) {
    this.#clock = clock;
    this.apps = new Directory(clock);
  }

  /** A request has arrived whole. */
  protected receive(incoming: Incoming): void {
    const { method, url, headers, body } = incoming;
    const call = method === 'POST' ? readCall(url, headers, body) : { endpoint: 'other' as const };
    this.#serial += 1;
    const received: ReceivedRequest = {
      endpoint: call.endpoint,
      headers,
      body,
      onlyActive: onlyActiveOf(call),
      organization: organizationOf(call, this.apps),
      requestId: `sim${this.#serial.toString(36).padStart(9, '0')}`,
      arrivedAt: this.#clock.monotonicTime(),
    };
    const exchange: Exchange = {
      received,
      clock: this.#clock,
      honest: () => honestAnswer(call, this.apps, exchange),
      stall: () => incoming.stall(),
      send: (answer) => incoming.send(answer),
      onClose: (listener) => incoming.onClose(listener),
      get response() {
        return incoming.response;
      },
    };
    this.requests.inFlight += 1;
    incoming.onClose(() => {
      this.requests.inFlight -= 1;
    });
    const behavior = this.script.take(received);
    this.requests.add(received);
    const answer = behavior === undefined ? exchange.honest() : behavior(exchange);
    if (answer !== undefined) exchange.send(answer);
  }
}

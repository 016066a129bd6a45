import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Clock } from '../clock.ts';
import type { DemoOrganization } from './organization.ts';

/** The largest request body that is read (characters). */
const MAXIMUM_BODY = 10_000;

/** How long a counting call takes (ms). */
const MINIMUM_DELAY = 15;
const MAXIMUM_DELAY = 250;

export interface DemoServerOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly organizations: readonly DemoOrganization[];
  /** The response of a counting call that fails; undefined where it succeeds. */
  readonly failureOf: (organization: DemoOrganization) => object | undefined;
}

/** Answers the calls that the exporter makes for internal and third-party apps, on a port of 127.0.0.1. */
export class DemoServer {
  readonly #options: DemoServerOptions;
  readonly #server = createServer((request, response) => void this.#receive(request, response));

  constructor(options: DemoServerOptions) {
    this.#options = options;
  }

  /** Listens on a free port. @returns the origin */
  async open(): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the demo has no TCP address');
    return `http://127.0.0.1:${address.port}`;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      let body = '';
      for await (const part of request.setEncoding('utf8')) {
        body += part;
        if (body.length > MAXIMUM_BODY) throw new Error('the body is too large');
      }
      const url = new URL(request.url ?? '', 'http://demo');
      if (url.pathname === '/topapi/user/count') this.#sendLate(response, this.#count(url, body));
      else send(response, this.#token(url, body));
    } catch {
      // The client closed the connection, or sent what the exporter never sends.
      response.destroy();
    }
  }

  #sendLate(response: ServerResponse, answer: object): void {
    const { clock, random } = this.#options;
    const delay = MINIMUM_DELAY + (MAXIMUM_DELAY - MINIMUM_DELAY) * random() ** 3;
    const timer = clock.setTimer(() => send(response, answer), delay);
    response.on('close', () => timer.cancel());
  }

  #token({ pathname }: URL, body: string): object {
    const corpId = /^\/v1\.0\/oauth2\/([^/]+)\/token$/.exec(pathname)?.[1];
    const given = new Map(Object.entries(JSON.parse(body)));
    const clientId = given.get(corpId === undefined ? 'appKey' : 'client_id');
    const token = tokenOf(this.#find((each) => each.corpId === corpId && each.clientId === clientId));
    return corpId === undefined
      ? { accessToken: token, expireIn: 7200 }
      : { access_token: token, expires_in: 7200 };
  }

  #count({ searchParams }: URL, body: string): object {
    const token = searchParams.get('access_token');
    const organization = this.#find((each) => tokenOf(each) === token);
    const onlyActive = new URLSearchParams(body).get('only_active') === 'true';
    const count = onlyActive ? organization.active : organization.employees;
    return this.#options.failureOf(organization) ?? { errcode: 0, errmsg: 'ok', result: { count } };
  }

  #find(matches: (organization: DemoOrganization) => boolean): DemoOrganization {
    const organization = this.#options.organizations.find(matches);
    if (organization === undefined) throw new Error('unknown app or token');
    return organization;
  }
}

const tokenOf = ({ clientId }: DemoOrganization): string => `demo-token-of-${clientId}`;

function send(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

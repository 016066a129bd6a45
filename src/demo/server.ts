import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Clock } from '../clock.ts';
import type { DemoOrganization } from './organization.ts';

/** The largest request body that is read (characters). */
const MAXIMUM_BODY = 10_000;

/** How long a counting call takes (ms). */
const SHORTEST_DELAY = 15;
const LONGEST_DELAY = 250;

/** What DingTalk answers. */
interface Answer {
  readonly status: number;
  readonly body: object;
}

export interface DemoServerOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly organizations: readonly DemoOrganization[];
  /** How the next counting call of an organization fails, if it does. */
  readonly failureOf: (organization: DemoOrganization) => object | undefined;
}

/**
 * The calls of DingTalk that the exporter makes for internal and third-party apps, answered as DingTalk documents
 * them, on a port of 127.0.0.1.
 */
export class DemoServer {
  readonly #options: DemoServerOptions;
  readonly #server = createServer((request, response) => void this.#receive(request, response));

  constructor(options: DemoServerOptions) {
    this.#options = options;
  }

  /** @returns its origin. */
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
      if (request.method === 'POST' && url.pathname === '/topapi/user/count') {
        this.#sendLate(response, this.#count(url, body));
      } else {
        send(response, this.#token(url, body));
      }
    } catch {
      // The client has gone away, or sends what the exporter never sends.
      response.destroy();
    }
  }

  #sendLate(response: ServerResponse, answer: Answer): void {
    const { clock, random } = this.#options;
    const delay = SHORTEST_DELAY + (LONGEST_DELAY - SHORTEST_DELAY) * random() ** 3;
    const timer = clock.setTimer(() => send(response, answer), delay);
    response.on('close', () => timer.cancel());
  }

  #token({ pathname }: URL, body: string): Answer {
    const corpId = /^\/v1\.0\/oauth2\/([^/]+)\/token$/.exec(pathname)?.[1];
    if (corpId === undefined && pathname !== '/v1.0/oauth2/accessToken') {
      return { status: 404, body: { code: 'notFound', message: 'no such call' } };
    }
    const fields: unknown = JSON.parse(body);
    const given = new Map(Object.entries(typeof fields === 'object' && fields !== null ? fields : {}));
    const organization = this.#options.organizations.find(
      (each) =>
        each.corpId === corpId &&
        each.clientId === given.get(corpId === undefined ? 'appKey' : 'client_id') &&
        each.clientSecret === given.get(corpId === undefined ? 'appSecret' : 'client_secret'),
    );
    if (organization === undefined) {
      const message = 'the client id or the client secret is not valid';
      return { status: 400, body: { code: 'invalidClientIdOrSecret', message } };
    }
    const token = tokenOf(organization);
    return {
      status: 200,
      body:
        corpId === undefined
          ? { accessToken: token, expireIn: 7200 }
          : { access_token: token, expires_in: 7200 },
    };
  }

  #count({ searchParams }: URL, body: string): Answer {
    const token = searchParams.get('access_token');
    const organization = this.#options.organizations.find((each) => tokenOf(each) === token);
    if (organization === undefined) {
      return { status: 200, body: { errcode: 40014, errmsg: 'invalid access_token' } };
    }
    const onlyActive = new URLSearchParams(body).get('only_active') === 'true';
    const count = onlyActive ? organization.active : organization.employees;
    const failure = this.#options.failureOf(organization);
    return { status: 200, body: failure ?? { errcode: 0, errmsg: 'ok', result: { count } } };
  }
}

const tokenOf = ({ clientId }: DemoOrganization): string => `demo-token-of-${clientId}`;

function send(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

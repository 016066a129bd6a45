import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { json } from 'node:stream/consumers';
import { z } from 'zod';
import { DEADLINE } from '../../support/until.ts';

const texts = z.record(z.string(), z.string());

const notification = z.object({
  version: z.literal('4'),
  receiver: z.string(),
  alerts: z.array(
    z.object({
      status: z.enum(['firing', 'resolved']),
      labels: texts,
      annotations: texts,
      startsAt: z.string(),
    }),
  ),
});

/** One alert of a notification, as Alertmanager hands it to a webhook. */
export type Notice = z.infer<typeof notification>['alerts'][number];

interface Waiter {
  readonly wanted: (notice: Notice) => boolean;
  readonly resolve: (notice: Notice) => void;
}

/** A webhook that keeps what it is told. */
export class Webhook {
  readonly #server: Server;
  readonly #waiters = new Set<Waiter>();
  /** Everything in the order in which it came. */
  readonly notices: Notice[] = [];
  /** What it was sent and could not read. */
  readonly faults: unknown[] = [];

  private constructor() {
    this.#server = createServer(async (request, response) => {
      try {
        for (const notice of notification.parse(await json(request)).alerts) this.#take(notice);
        response.writeHead(200).end();
      } catch (error) {
        this.faults.push(error);
        response.writeHead(400).end();
      }
    });
  }

  static async start(): Promise<Webhook> {
    const webhook = new Webhook();
    webhook.#server.listen(0, '127.0.0.1');
    await once(webhook.#server, 'listening');
    return webhook;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the webhook has no port');
    return `http://127.0.0.1:${address.port}/`;
  }

  /** The first that was told, or will be, of an alert in this state. */
  told(status: Notice['status'], labels: Readonly<Record<string, string>>): Promise<Notice> {
    const wanted = (notice: Notice): boolean =>
      notice.status === status &&
      Object.entries(labels).every(([name, value]) => notice.labels[name] === value);
    const earlier = this.notices.find(wanted);
    if (earlier !== undefined) return Promise.resolve(earlier);
    return new Promise((resolve, reject) => {
      const waiter = {
        wanted,
        resolve: (notice: Notice) => {
          clearTimeout(timer);
          resolve(notice);
        },
      };
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter);
        const missed = `${status} ${JSON.stringify(labels)} was not told within ${DEADLINE / 1000} s`;
        reject(new Error(`${missed}; told was: ${JSON.stringify(this.notices)}`, { cause: this.faults }));
      }, DEADLINE);
      this.#waiters.add(waiter);
    });
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  #take(notice: Notice): void {
    this.notices.push(notice);
    for (const waiter of this.#waiters) {
      if (!waiter.wanted(notice)) continue;
      this.#waiters.delete(waiter);
      waiter.resolve(notice);
    }
  }
}

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { json } from 'node:stream/consumers';
import { z } from 'zod';
import { until } from '../../support/until.ts';

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

/** A webhook that keeps the alerts that it receives. */
export class Webhook {
  readonly #server: Server;
  /** All alerts, in the order of their arrival. */
  readonly notices: Notice[] = [];
  /** The errors of requests that it could not read. */
  readonly faults: unknown[] = [];

  private constructor() {
    this.#server = createServer(async (request, response) => {
      try {
        this.notices.push(...notification.parse(await json(request)).alerts);
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

  /** The first alert with this status and these labels, once it has arrived. */
  async received(status: Notice['status'], labels: Readonly<Record<string, string>>): Promise<Notice> {
    const find = (): Notice | undefined =>
      this.notices.find(
        (notice) =>
          notice.status === status &&
          Object.entries(labels).every(([name, value]) => notice.labels[name] === value),
      );
    await until(`${status} ${JSON.stringify(labels)}`, () => find() !== undefined);
    return find() as Notice;
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}

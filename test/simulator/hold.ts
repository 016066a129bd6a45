import { sendAnswer } from './answers.ts';
import { honest } from './replies.ts';
import type { Behavior, Exchange, Reply } from './script.ts';

/**
 * Answers that wait until a test lets them go. `first_byte` holds the whole answer back, `body` sends status and
 * headers at once. The reply is made when it is let go, so it tells what is true then.
 */
export class Hold {
  readonly #from: 'first_byte' | 'body';
  readonly #reply: Reply;
  readonly #waiting: (() => void)[] = [];
  readonly #watchers = new Set<{ readonly count: number; readonly resolve: () => void }>();
  #isOpen = false;

  constructor(from: 'first_byte' | 'body' = 'first_byte', reply: Reply = honest) {
    this.#from = from;
    this.#reply = reply;
  }

  /** To be scripted. */
  readonly behavior: Behavior = (exchange) => {
    if (this.#isOpen) return this.#reply(exchange);
    this.#hold(exchange);
    return undefined;
  };

  /** How many requests wait. Those whose caller hung up are not among them. */
  get held(): number {
    return this.#waiting.length;
  }

  /** Resolves once at least `count` requests wait. */
  whenHeld(count = 1): Promise<void> {
    if (this.held >= count) return Promise.resolve();
    return new Promise((resolve) => this.#watchers.add({ count, resolve }));
  }

  /** Lets the oldest `count` of those that wait go, all unless given. Later ones wait again. */
  release(count = this.held): void {
    for (const letGo of this.#waiting.splice(0, count)) letGo();
  }

  /** Lets all go, and later ones pass. */
  open(): void {
    this.#isOpen = true;
    this.release();
  }

  #hold(exchange: Exchange): void {
    const { response } = exchange;
    let letGo = (): void => sendAnswer(response, this.#reply(exchange));
    if (this.#from === 'body') {
      const answer = this.#reply(exchange);
      response.writeHead(answer.status, { 'content-length': answer.body.byteLength, ...answer.headers });
      response.flushHeaders();
      letGo = () => void response.end(answer.body);
    }
    this.#waiting.push(letGo);
    response.on('close', () => {
      const index = this.#waiting.indexOf(letGo);
      if (index >= 0) this.#waiting.splice(index, 1);
    });
    for (const watcher of this.#watchers) {
      if (this.held < watcher.count) continue;
      this.#watchers.delete(watcher);
      watcher.resolve();
    }
  }
}

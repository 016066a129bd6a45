import { honest } from './replies.ts';
import type { Behavior, Exchange } from './script.ts';

/** Answers that wait until a test releases them. They are made then, so they tell what is true then. */
export class Hold {
  readonly #waiting = new Set<Exchange>();
  readonly #watchers = new Set<() => void>();

  /** To be scripted. */
  readonly behavior: Behavior = (exchange) => {
    exchange.stall();
    this.#waiting.add(exchange);
    exchange.onClose(() => this.#waiting.delete(exchange));
    for (const watcher of this.#watchers) watcher();
    return undefined;
  };

  /** How many requests wait. Those whose caller gave up are not among them. */
  get held(): number {
    return this.#waiting.size;
  }

  /** Resolves once a request waits. */
  whenHeld(): Promise<void> {
    return new Promise((resolve) => {
      if (this.held > 0) resolve();
      else this.#watchers.add(resolve);
    });
  }

  /** Answers all that wait. Later ones wait again. */
  release(): void {
    for (const exchange of this.#waiting) exchange.send(honest(exchange));
  }
}

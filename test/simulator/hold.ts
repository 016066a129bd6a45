import { honest } from './replies.ts';
import type { Behavior, Exchange } from './script.ts';

/** Answers that are held back until a test releases them, and are made at that moment. */
export class Hold {
  readonly #waiting = new Set<Exchange>();
  readonly #watchers = new Set<() => void>();

  /** The behavior to script. */
  readonly behavior: Behavior = (exchange) => {
    exchange.stall();
    this.#waiting.add(exchange);
    exchange.onClose(() => this.#waiting.delete(exchange));
    for (const watcher of this.#watchers) watcher();
    return undefined;
  };

  /** Resolves once a request is held. */
  whenHeld(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#waiting.size > 0) resolve();
      else this.#watchers.add(resolve);
    });
  }

  /** Answers all requests that are held; later ones are held again. */
  release(): void {
    for (const exchange of this.#waiting) exchange.send(honest(exchange));
  }
}

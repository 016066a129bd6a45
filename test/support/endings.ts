/** Stops what a test has started: the last one first, and all of them even where one fails to stop. */
export class Endings {
  readonly #started: { stop(): unknown }[] = [];

  /** @returns the thing itself. */
  add<Thing extends { stop(): unknown }>(thing: Thing): Thing {
    this.#started.push(thing);
    return thing;
  }

  /** @throws Error the first error. */
  async run(): Promise<void> {
    const results = [];
    for (const thing of this.#started.splice(0).reverse())
      results.push(...(await Promise.allSettled([thing.stop()])));
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }
}

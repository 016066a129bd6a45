/** What a test must end whatever becomes of it: the last begun goes first, and one that fails keeps none from its turn. */
export class Endings {
  readonly #endings: (() => unknown)[] = [];

  /** Has something ended later. @returns the thing itself. */
  add<Thing>(thing: Thing, end: (thing: Thing) => unknown): Thing {
    this.#endings.push(() => end(thing));
    return thing;
  }

  /** @throws AggregateError with everything that went wrong. */
  async run(): Promise<void> {
    const errors: unknown[] = [];
    for (const end of this.#endings.splice(0).reverse()) {
      try {
        await end();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, `not ended well: ${errors.join('; ')}`);
  }
}

/** A simulated organization in which people join, leave and activate DingTalk, a few at a time. */
export class DemoOrganization {
  readonly name: string;
  readonly clientId: string;
  /** Set for the organization of a third-party app only. */
  readonly corpId: string | undefined;
  readonly #usual: number;
  readonly #activation: number;
  /** Everyone. */
  employees: number;
  /** Those who have activated DingTalk; never more than `employees`. */
  active: number;

  constructor(options: {
    readonly name: string;
    readonly clientId: string;
    readonly corpId?: string;
    readonly employees: number;
    readonly active: number;
  }) {
    this.name = options.name;
    this.clientId = options.clientId;
    this.corpId = options.corpId;
    this.#usual = options.employees;
    this.#activation = options.active / options.employees;
    this.employees = options.employees;
    this.active = options.active;
  }

  /** Changes both counts a little. They stay near the usual headcount and share of activation. */
  step(random: () => number): void {
    // With the square root, a small organization changes sometimes, and a large one only by a few people.
    const pace = 0.02 * Math.sqrt(this.#usual);
    const deviation = this.employees / this.#usual - 1;
    const joined = draw(pace * (1 - 6 * deviation), random);
    const left = draw(pace * (1 + 6 * deviation), random);
    const activeLeft = Math.min(left, draw((left * this.active) / this.employees, random));
    this.employees += joined - left;
    const missing = this.#activation * this.employees - this.active;
    const active = this.active - activeLeft + draw(0.3 * missing, random);
    this.active = Math.min(active, this.employees);
  }
}

/** A random whole number with this mean. */
function draw(mean: number, random: () => number): number {
  return Math.floor(2 * Math.max(0, mean) * random() + random());
}

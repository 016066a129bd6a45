/** An invented organization whose people join, leave and activate DingTalk, a few at a time. */
export class DemoOrganization {
  readonly name: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Only the organization of a third-party app has one. */
  readonly corpId: string | undefined;
  readonly #usual: number;
  readonly #activation: number;
  #employees: number;
  #active: number;

  constructor(options: {
    readonly name: string;
    readonly clientId: string;
    readonly corpId?: string;
    readonly employees: number;
    readonly active: number;
  }) {
    this.name = options.name;
    this.clientId = options.clientId;
    this.clientSecret = `demo-secret-of-${options.clientId}`;
    this.corpId = options.corpId;
    this.#usual = options.employees;
    this.#activation = options.active / options.employees;
    this.#employees = options.employees;
    this.#active = options.active;
  }

  /** Everyone. */
  get employees(): number {
    return this.#employees;
  }

  /** Who has activated DingTalk: never above `employees`. */
  get active(): number {
    return this.#active;
  }

  /** Some time passes. The headcount stays near the usual one, and the activation near its share. */
  step(random: () => number): void {
    // By the square root, a small organization changes now and then, and a large one does not leap.
    const pace = 0.02 * Math.sqrt(this.#usual);
    const deviation = this.#employees / this.#usual - 1;
    const joined = draw(pace * (1 - 6 * deviation), random);
    const left = draw(pace * (1 + 6 * deviation), random);
    const activeLeft = Math.min(left, draw((left * this.#active) / this.#employees, random));
    this.#employees += joined - left;
    const missing = this.#activation * this.#employees - this.#active;
    const active = this.#active - activeLeft + draw(0.3 * missing, random);
    this.#active = Math.min(active, this.#employees);
  }
}

/** A whole number from 0 to twice the mean and a fraction; its average is the mean. */
function draw(mean: number, random: () => number): number {
  return Math.floor(2 * Math.max(0, mean) * random() + random());
}

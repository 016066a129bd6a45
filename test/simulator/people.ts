/** The people of an organization, in numbers. */
export interface Headcount {
  /** Everyone. */
  employees: number;
  /** Who has activated DingTalk: never above `employees`. */
  active: number;
}

/** How far a headcount strays from the usual one, as a part of it. */
const LARGEST_DEVIATION = 0.08;

/** The smallest and the largest part of the people who have activated DingTalk. */
const SMALLEST_ACTIVATION = 0.6;
const LARGEST_ACTIVATION = 0.97;

/** Lets people join, leave and activate DingTalk, a few at a time, around what is usual for an organization. */
export class Course {
  readonly #headcount: Headcount;
  readonly #usual: number;
  readonly #random: () => number;
  #activation: number;

  /** @param headcount how it begins, which is also what is usual; it is changed in place. */
  constructor(headcount: Headcount, random: () => number) {
    this.#headcount = headcount;
    this.#usual = headcount.employees;
    this.#random = random;
    this.#activation = headcount.active / headcount.employees;
  }

  /** Goes on by one step. */
  step(): void {
    const { employees, active } = this.#headcount;
    // With the root of the size a small organization moves at times and a large one does not leap.
    const pace = 0.02 * Math.sqrt(this.#usual);
    const deviation = employees / this.#usual - 1;
    const joined = deviation < LARGEST_DEVIATION ? this.#draw(pace * (1 - 6 * deviation)) : 0;
    const left = deviation > -LARGEST_DEVIATION ? this.#draw(pace * (1 + 6 * deviation)) : 0;
    const activeLeft = Math.min(left, this.#draw((left * active) / employees));
    const everyone = employees + joined - left;
    this.#activation += (this.#random() - 0.5) * 0.002;
    this.#activation = between(SMALLEST_ACTIVATION, this.#activation, LARGEST_ACTIVATION);
    const activated = this.#draw(Math.max(0, 0.3 * (this.#activation * everyone - active)));
    this.#headcount.employees = everyone;
    this.#headcount.active = between(
      Math.ceil(SMALLEST_ACTIVATION * everyone),
      active - activeLeft + activated,
      Math.floor(LARGEST_ACTIVATION * everyone),
    );
  }

  /** A whole number from 0 to twice the mean (and a part of one), whose average is the mean. */
  #draw(mean: number): number {
    return Math.floor(2 * mean * this.#random() + this.#random());
  }
}

function between(least: number, value: number, most: number): number {
  return Math.max(least, Math.min(value, most));
}

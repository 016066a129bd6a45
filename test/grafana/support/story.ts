import type { Pair } from '../../support/replica.ts';

/**
 * Forty days of samples of two replicas of the exporter, until two hours ago. Of each organization one replica has the
 * right counts; the other one has wrong and older ones, which must not be in any sum.
 */

const HOUR = 3600;
const DAY = 24 * HOUR;

export const JOB = 'dingtalk';
export const ACME = 'acme';
/** With every character that is special in PromQL, a template or a regular expression. */
export const HOSTILE = `"O'Neill" \\d $1 $HOME \${job} 北京 (a|b).*[c]{2}+?^/`;
/** Added an hour ago, which is no change of its headcount. */
export const NEWCOMER = 'newcomer';
/** Removed three days ago, which is no change either. Both replicas succeeded in the same millisecond. */
export const GONE = 'gone';
/** Configured, and never polled successfully. */
export const FAILING = 'failing';
/** Configured; its counts were dropped a day ago, and its polls still fail. */
export const OLD = 'old';

export const REPLICAS = ['a', 'b'] as const;
export type ReplicaName = (typeof REPLICAS)[number];

/** The counts of an organization at a time; `undefined` where they are dropped. */
type History = (at: number) => Pair | undefined;

/** Times are seconds since the epoch. A day begins at `today`, six hours before the present hour. */
export class Story {
  readonly hour: number;
  readonly today: number;
  readonly begin: number;

  constructor(now: number) {
    this.hour = Math.floor(now / HOUR) * HOUR;
    this.today = this.hour - 6 * HOUR;
    this.begin = this.today - 40 * DAY;
  }

  /** So many days before today, and so many hours after that day's beginning. */
  day(daysAgo: number, hours = 0): number {
    return this.today - daysAgo * DAY + hours * HOUR;
  }

  readonly #acme: History = (at) => {
    if (at < this.day(20, 12)) return { employees: 1000, active: 600 };
    if (at < this.day(3, 12)) return { employees: 1100, active: 700 };
    return { employees: 1060, active: 660 };
  };

  readonly #hostile: History = (at) => {
    if (at < this.day(9, 6)) return { employees: 200, active: 150 };
    return at < this.day(5, 18) ? undefined : { employees: 190, active: 140 };
  };

  readonly #old: History = (at) => (at < this.day(1) ? { employees: 400, active: 100 } : undefined);

  readonly #gone: History = (at) => (at < this.day(3) ? { employees: 300, active: 100 } : undefined);

  /** What was scraped each hour, until two hours ago. */
  history(): string {
    const lines = new Exposition();
    const end = this.hour - 2 * HOUR;
    for (let at = this.begin; at <= end; at += HOUR) {
      this.#scraped(lines, at, ACME, 'a', this.#acme(at));
      this.#scraped(lines, at, HOSTILE, 'b', this.#hostile(at));
      this.#scraped(lines, at, OLD, 'both', this.#old(at));
      if (at < this.day(3)) this.#scraped(lines, at, GONE, 'both', this.#gone(at));
      if (at > this.day(3, 12) && at < this.day(3, 16)) {
        const alert = { alertname: 'DingTalkHeadcountDropped', alertstate: 'firing', severity: 'warning' };
        lines.add('ALERTS', { ...alert, job: JOB, organization: ACME }, 1, at);
      }
    }
    return `${lines.text()}# EOF\n`;
  }

  #scraped(
    lines: Exposition,
    at: number,
    name: string,
    right: ReplicaName | 'both',
    pair: Pair | undefined,
  ): void {
    for (const instance of REPLICAS) {
      const labels = { job: JOB, instance, organization: name };
      const isRight = right === 'both' || right === instance;
      const behind = isRight ? 60 : 2 * HOUR;
      const shown = isRight ? pair : WRONG;
      const lastSuccess = isRight && pair === undefined ? this.day(1) : at - behind;
      lines.add('dingtalk_last_success_timestamp_seconds', labels, lastSuccess, at);
      lines.add('dingtalk_poll_interval_seconds', labels, 1800, at);
      if (pair === undefined || shown === undefined) continue;
      lines.add('dingtalk_employees', labels, shown.employees, at);
      lines.add('dingtalk_employees_active', labels, shown.active, at);
    }
    // What the rules recorded.
    const labels = { job: JOB, organization: name };
    lines.add('organization:dingtalk_max_staleness_seconds:latest', labels, 6000, at);
    if (pair === undefined) return;
    lines.add('organization:dingtalk_employees:latest', labels, pair.employees, at);
    lines.add('organization:dingtalk_employees_active:latest', labels, pair.active, at);
  }
}

/** The counts of the replica that lags behind. */
export const WRONG: Pair = { employees: 9000, active: 4500 };

/** The present counts. */
export const PRESENT: Readonly<Record<string, Pair>> = {
  [ACME]: { employees: 1063, active: 670 },
  [HOSTILE]: { employees: 195, active: 145 },
  [NEWCOMER]: { employees: 50, active: 25 },
};

/** Series by metric, as the text formats want them. Times are seconds. */
class Exposition {
  readonly #samples = new Map<string, string[]>();

  add(metric: string, labels: Readonly<Record<string, string>>, value: number, at: number): void {
    const inside = Object.entries(labels).map(([name, text]) => `${name}=${JSON.stringify(text)}`);
    const samples = this.#samples.get(metric) ?? [];
    samples.push(`${metric}{${inside.join(',')}} ${value} ${at}\n`);
    this.#samples.set(metric, samples);
  }

  text(): string {
    return [...this.#samples.values()].flat().join('');
  }
}

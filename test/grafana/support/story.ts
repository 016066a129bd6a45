/**
 * Forty days of what two replicas of the exporter showed, and what they show now. The replica that knows best
 * tells the truth; the other one lags behind and shows numbers that would spoil every sum they got into.
 */

const HOUR = 3600;
const DAY = 24 * HOUR;

export const JOB = 'dingtalk';
export const ACME = 'acme';
/** Everything in it that a query language, a template or a regular expression could stumble over. */
export const HOSTILE = `"O'Neill" \\d $1 $HOME \${job} 北京 (a|b).*[c]{2}+?^/`;
/** Configured an hour ago: its people did not join. */
export const NEWCOMER = 'newcomer';
/** Removed three days ago: its people did not leave. */
export const GONE = 'gone';
/** Configured, and never polled well. */
export const FAILING = 'failing';

export const REPLICAS = ['a', 'b'] as const;
type Replica = (typeof REPLICAS)[number];

export interface Pair {
  readonly employees: number;
  readonly active: number;
}

/** What an organisation shows at a time; `undefined` where its number has been dropped. */
type Course = (at: number) => Pair | undefined;

/** Seconds since the epoch. A "day" of this story begins at `today`, six hours before the present hour. */
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

  readonly #acme: Course = (at) => {
    if (at < this.day(20, 12)) return { employees: 1000, active: 600 };
    if (at < this.day(3, 12)) return { employees: 1100, active: 700 };
    return { employees: 1060, active: 660 };
  };

  readonly #hostile: Course = (at) => {
    if (at < this.day(9, 6)) return { employees: 200, active: 150 };
    return at < this.day(5, 18) ? undefined : { employees: 190, active: 140 };
  };

  readonly #gone: Course = (at) => (at < this.day(3) ? { employees: 300, active: 100 } : undefined);

  /** What was scraped each hour, until two hours ago. */
  history(): string {
    const lines = new Exposition();
    const end = this.hour - 2 * HOUR;
    for (let at = this.begin; at <= end; at += HOUR) {
      this.#scraped(lines, at, ACME, 'a', this.#acme(at));
      this.#scraped(lines, at, HOSTILE, 'b', this.#hostile(at));
      if (at < this.day(3)) this.#scraped(lines, at, GONE, 'a', this.#gone(at));
      if (at > this.day(3, 12) && at < this.day(3, 16)) {
        const alert = { alertname: 'DingTalkHeadcountDropped', alertstate: 'firing', severity: 'warning' };
        lines.add('ALERTS', { ...alert, job: JOB, organization: ACME }, 1, at);
      }
    }
    return `${lines.text()}# EOF\n`;
  }

  #scraped(lines: Exposition, at: number, name: string, speaker: Replica, pair: Pair | undefined): void {
    for (const instance of REPLICAS) {
      const labels = { job: JOB, instance, organization: name };
      const behind = instance === speaker ? 60 : 2 * HOUR;
      const shown = instance === speaker ? pair : WRONG;
      lines.add('dingtalk_last_success_timestamp_seconds', labels, at - behind, at);
      lines.add('dingtalk_poll_interval_seconds', labels, 1800, at);
      // A number that DingTalk has not been asked for in time is dropped by every replica.
      if (pair === undefined || shown === undefined) continue;
      lines.add('dingtalk_employees', labels, shown.employees, at);
      lines.add('dingtalk_employees_active', labels, shown.active, at);
    }
  }
}

/** What the replica that lags behind says. */
const WRONG: Pair = { employees: 9000, active: 4500 };

/** What is known now, by the replica that knows best. */
export const PRESENT: Readonly<Record<string, Pair>> = {
  [ACME]: { employees: 1063, active: 670 },
  [HOSTILE]: { employees: 195, active: 145 },
  [NEWCOMER]: { employees: 50, active: 25 },
};

/** What `/metrics` of one replica says now; its counters go up with each scrape. */
export function present(instance: Replica, now: number, scrapes: number): string {
  const lines = new Exposition();
  const speakers: Record<string, Replica | 'both'> = { [ACME]: 'a', [HOSTILE]: 'b', [NEWCOMER]: 'both' };
  for (const [organization, pair] of Object.entries(PRESENT)) {
    const speaks = speakers[organization] === 'both' || speakers[organization] === instance;
    const shown = speaks ? pair : WRONG;
    lines.add('dingtalk_employees', { organization }, shown.employees);
    lines.add('dingtalk_employees_active', { organization }, shown.active);
    // Whole minutes: two replicas that succeeded at the very same time are part of the story.
    const minute = Math.floor(now / 60) * 60;
    lines.add('dingtalk_last_success_timestamp_seconds', { organization }, minute - (speaks ? 60 : 2 * HOUR));
    lines.add('dingtalk_up', { organization }, speaks ? 1 : 0);
    if (!speaks) lines.add('dingtalk_poll_error', { organization, reason: 'throttled' }, 1);
  }
  lines.add('dingtalk_up', { organization: FAILING }, 0);
  lines.add('dingtalk_poll_error', { organization: FAILING, reason: 'credentials' }, 1);
  for (const organization of [...Object.keys(PRESENT), FAILING]) {
    lines.add('dingtalk_poll_interval_seconds', { organization }, 1800);
    lines.add('dingtalk_max_staleness_seconds', { organization }, 6000);
    lines.add('dingtalk_last_poll_timestamp_seconds', { organization }, now - 60);
    lines.add('dingtalk_last_poll_duration_seconds', { organization }, 0.4);
    lines.add('dingtalk_access_token_expiry_timestamp_seconds', { organization }, now + 5000);
    lines.add('dingtalk_polls_total', { organization }, scrapes);
    lines.add('dingtalk_poll_failures_total', { organization }, organization === FAILING ? scrapes : 0);
  }
  for (const endpoint of ['token', 'user_count']) {
    lines.add('dingtalk_api_requests_total', { endpoint }, 10 * scrapes);
    lines.add('dingtalk_api_request_retries_total', { endpoint }, scrapes);
    lines.add('dingtalk_api_request_failures_total', { endpoint, reason: 'throttled' }, scrapes);
    lines.add('dingtalk_api_request_failures_total', { endpoint, reason: 'timeout' }, 0);
    const buckets = { '0.05': 0, '0.1': 5, '0.25': 10, '10': 10, '+Inf': 10 };
    for (const [le, share] of Object.entries(buckets)) {
      lines.add('dingtalk_api_request_duration_seconds_bucket', { endpoint, le }, share * scrapes);
    }
  }
  lines.add('dingtalk_config_last_reload_successful', {}, 1);
  lines.add('dingtalk_exporter_build_info', { version: '0.0.0', revision: 'story', node_version: 'v0' }, 1);
  return lines.text();
}

/** Series by metric, as the text formats want them. */
class Exposition {
  readonly #samples = new Map<string, string[]>();

  add(metric: string, labels: Readonly<Record<string, string>>, value: number, at?: number): void {
    const escaped = (text: string): string =>
      text.replace(/[\\"]/g, String.raw`\$&`).replace(/\n/g, String.raw`\n`);
    const inside = Object.entries(labels).map(([name, text]) => `${name}="${escaped(text)}"`);
    const samples = this.#samples.get(metric) ?? [];
    samples.push(`${metric}{${inside.join(',')}} ${value}${at === undefined ? '' : ` ${at}`}\n`);
    this.#samples.set(metric, samples);
  }

  text(): string {
    return [...this.#samples.values()].flat().join('');
  }
}

/**
 * The PromQL of the dashboard. Headcounts come from the recording rules in rules/dingtalk.rules.yml: one number for each
 * organization, that of the replica that succeeded last.
 */

/** What the variable `job` selects. */
const JOB = 'job=~"$job"';

/**
 * The raw string (back-quotes) with `:regex` is on purpose. Grafana's own formatting for `=~"$organization"` does not
 * escape double quotes, so an organization with one in its name would break every query. `:regex` escapes what a
 * regular expression needs, and a raw string takes the result as it is. Only a back-quote cannot be in there.
 */
const ORGANIZATION = `${JOB}, organization=~\`\${organization:regex}\``;

/** The labels that tell replicas apart, as in the rules. */
const OVER_REPLICAS = 'without (instance, pod)';

/** "Then" is the last number known at that time, up to seven days further back, so that an outage hides no change. */
const REACH = '7d';

export type Count = 'dingtalk_employees' | 'dingtalk_employees_active';

/** Every series of a metric that has the label organization. */
export function byOrganization(metric: string): string {
  return `${metric}{${ORGANIZATION}}`;
}

/** Every series of a metric that has no label organization, with more matchers where given. */
export function byJob(metric: string, matchers = ''): string {
  return `${metric}{${JOB}${matchers === '' ? '' : `, ${matchers}`}}`;
}

/** The configured organizations; the value is the age that is allowed (s). */
export const CONFIGURED = byOrganization('organization:dingtalk_max_staleness_seconds:latest');

/** The number of each organization; absent where it is older than allowed. */
export function current(metric: Count): string {
  return byOrganization(`organization:${metric}:latest`);
}

function lastKnown(metric: Count, range = REACH, offset = ''): string {
  return `last_over_time(${current(metric)}[${range}]${offset === '' ? '' : ` offset ${offset}`})`;
}

/** The last known number of each configured organization. */
export function known(metric: Count): string {
  return `(${lastKnown(metric)} and ${CONFIGURED})`;
}

/** The configured organizations whose number is older than allowed, or was never known. */
export const OLD = `(${CONFIGURED} unless ${current('dingtalk_employees')})`;

/** How many organizations {@link OLD} has; 0 where all numbers are current, no data without the rules. */
export const OLD_COUNT = `count(${OLD}) or 0 * count(${CONFIGURED})`;

/** 1 where the last known number is current, 0 where it is older than allowed. */
export const IS_CURRENT = `0 * ${current('dingtalk_employees')} + 1 or 0 * ${known('dingtalk_employees')}`;

/** The last known numbers; the names of organizations with an old one end in `mark`. */
export function marked(metric: Count, mark: string): string {
  const old = `label_replace(${known(metric)} unless ${current(metric)}, "organization", "$1${mark}", "organization", "(.*)")`;
  return `${known(metric)} and ${current(metric)} or ${old}`;
}

/** The share of people who have activated DingTalk, of each organization. */
export function activation(count: (metric: Count) => string): string {
  return `${count('dingtalk_employees_active')} / (${count('dingtalk_employees')} > 0)`;
}

/** The change since `back` ago, of each organization that had a number then. */
export function change(metric: Count, back: string): string {
  return `(${known(metric)} - ${lastKnown(metric, REACH, back)})`;
}

/** The change within the step that begins at the evaluated moment, so that a bar stands over the day it is about. */
export function changeWithinStep(metric: Count): string {
  return `(${lastKnown(metric, '$__interval', '-$__interval')} - ${lastKnown(metric)})`;
}

/** The aggregation over all replicas of each organization, such as `max`. */
export function overReplicas(aggregation: string, expr: string): string {
  return `${aggregation} ${OVER_REPLICAS} (${expr})`;
}

/** How old the number of each organization was when it was scraped (s). */
export function age(): string {
  const success = byOrganization('dingtalk_last_success_timestamp_seconds');
  return overReplicas('min', `timestamp(${success}) - ${success}`);
}

/** Seconds since the last success of each organization that has one within seven days. */
export function sinceSuccess(): string {
  return `time() - ${overReplicas('max', `last_over_time(${byOrganization('dingtalk_last_success_timestamp_seconds')}[${REACH}])`)}`;
}

/**
 * Whether the exporters of the chosen jobs are up. `up` exists for every job and "all" is `.+`, so only jobs that have
 * shown the exporter's build information count.
 */
export function exportersUp(): string {
  const exporters = `group by (job) (last_over_time(${byJob('dingtalk_exporter_build_info')}[${REACH}]))`;
  return `min_over_time(${byJob('up')}[$__rate_interval]) and on (job) ${exporters}`;
}

/** The headcount alerts that were firing. */
export const FIRED_ALERTS = `ALERTS{alertname=~"DingTalkHeadcount(Dropped|Plunged|Surged)", alertstate="firing", ${ORGANIZATION}}`;

/** What the variables offer. */
export const VARIABLE_QUERIES = {
  job: 'label_values(dingtalk_exporter_build_info, job)',
  organization: `label_values(dingtalk_poll_interval_seconds{${JOB}}, organization)`,
} as const;

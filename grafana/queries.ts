/**
 * The PromQL of the dashboard, from parts. All of it asks the series as they were scraped, so that the
 * dashboard works in a Prometheus that has not loaded the rules.
 */

/** What the variable `job` lets through. */
const JOB = 'job=~"$job"';

/**
 * What the variables let through, of series that carry an organization.
 *
 * The raw string (back-quotes) with `:regex` is on purpose. Grafana's own formatting for `=~"$organization"`
 * leaves double quotes as they are unless a feature toggle is on, so an organization with one in its name would
 * break every query. `:regex` escapes what a regular expression needs, and a raw string takes the result as it
 * is: quotes, backslashes, `$` and the rest stay what they were. Only a back-quote cannot stand in there.
 */
const ORGANIZATION = `${JOB}, organization=~\`\${organization:regex}\``;

export type Count = 'dingtalk_employees' | 'dingtalk_employees_active';

/** Where in time a number is asked for: the last one known in `range`, as it was `offset` ago. */
export interface Past {
  readonly range: string;
  readonly offset?: string;
}

/** "Then" is the last number known at that time, up to seven days further back, so that an outage hides nothing. */
const REACH = '7d';

const LAST_SUCCESS = 'dingtalk_last_success_timestamp_seconds';

/** Every series of a metric with an organization: now, or the last known in the past. */
export function byOrganization(metric: string, past?: Past): string {
  const selector = `${metric}{${ORGANIZATION}}`;
  if (past === undefined) return selector;
  const offset = past.offset === undefined ? '' : ` offset ${past.offset}`;
  return `last_over_time(${selector}[${past.range}]${offset})`;
}

/** Every series of a metric that has no organization, with more matchers where given. */
export function byJob(metric: string, matchers = ''): string {
  return `${metric}{${JOB}${matchers === '' ? '' : `, ${matchers}`}}`;
}

/**
 * Of several replicas the one that succeeded last speaks: one number for each job and organization. `topk` lets
 * exactly one through where two succeeded in the same millisecond, so nothing is matched many to many.
 */
function spoken(values: string, past?: Past): string {
  const speaker = `topk by (job, organization) (1, ${byOrganization(LAST_SUCCESS, past)})`;
  return `max by (job, organization) (${values} and on (job, instance, organization) ${speaker})`;
}

/** One count of each organization. */
export function count(metric: Count, past?: Past): string {
  return spoken(byOrganization(metric, past), past);
}

/** The share that has activated DingTalk, of each organization: both counts from the same replica. */
export function activation(): string {
  const employees = `(${byOrganization('dingtalk_employees')} > 0)`;
  return spoken(`${byOrganization('dingtalk_employees_active')} / ${employees}`);
}

/**
 * How a count changed since `back` ago, of each organization that has a number now and had one then. One that
 * was added in between has no change: its people did not join, they were not counted before. Likewise one that
 * was removed.
 */
export function change(metric: Count, back: string): string {
  return `(${count(metric)} - ${count(metric, { range: REACH, offset: back })})`;
}

/**
 * The change of each organization within a step that begins at the evaluated moment, so that a bar stands over
 * the day that it tells of: the last number known in the step, less the last known before it.
 */
export function changeWithinStep(metric: Count): string {
  const end = count(metric, { range: '$__interval', offset: '-$__interval' });
  return `(${end} - ${count(metric, { range: REACH })})`;
}

/** The organizations that are configured: this series is there from the start, well or failing. */
const CONFIGURED = `group by (job, organization) (${byOrganization('dingtalk_poll_interval_seconds')})`;

/** How many organizations are configured but show no number. */
export function withoutNumber(): string {
  const known = `count(${CONFIGURED} and on (job, organization) ${byOrganization('dingtalk_employees')})`;
  return `count(${CONFIGURED}) - (${known} or 0 * count(${CONFIGURED}))`;
}

/** The organizations that are configured and had a number within the last seven days, but have none. */
const MISSED =
  `(${CONFIGURED} and on (job, organization) ${byOrganization('dingtalk_employees', { range: REACH })}) ` +
  `unless on (job, organization) ${byOrganization('dingtalk_employees')}`;

/**
 * A figure over all organizations, and none while one of them is missed: a sum without it would look as if all
 * its people had left.
 */
export function whileComplete(figure: string): string {
  return `(${figure}) unless on () (${MISSED})`;
}

/** One count over all organizations. */
export function total(metric: Count): string {
  return whileComplete(`sum(${count(metric)})`);
}

/** How old each organization's number was when it was scraped: that of the replica that succeeded last. */
export function age(): string {
  const success = byOrganization(LAST_SUCCESS);
  return `min by (job, organization) (timestamp(${success}) - ${success})`;
}

/** The age that the configuration allows each organization's number. */
export function allowedAge(): string {
  return `max by (job, organization) (${byOrganization('dingtalk_max_staleness_seconds')})`;
}

/**
 * Whether the exporters of the chosen jobs answer Prometheus. `up` exists for every job there is, and "all" is
 * `.+`, so only jobs that have shown our build information count.
 */
export function exportersUp(): string {
  const ours = `group by (job) (last_over_time(${byJob('dingtalk_exporter_build_info')}[${REACH}]))`;
  return `min_over_time(${byJob('up')}[$__rate_interval]) and on (job) ${ours}`;
}

/** The headcount alerts that were firing. */
export const FIRED_ALERTS = `ALERTS{alertname=~"DingTalkHeadcount(Dropped|Plunged|Surged)", alertstate="firing", ${ORGANIZATION}}`;

/** What the variables offer. */
export const VARIABLE_QUERIES = {
  job: 'label_values(dingtalk_exporter_build_info, job)',
  organization: `label_values(dingtalk_poll_interval_seconds{${JOB}}, organization)`,
} as const;

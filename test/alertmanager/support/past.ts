/** Seconds. */
const HALF_HOUR = 1800;
const DAY = 24 * 3600;

/** The organisation's series as the rules record them once a poll; a test holds that they still do. */
export const RECORDED = {
  employees: 'job_organization:dingtalk_employees:polled',
  activation: 'job_organization:dingtalk_activation:polled',
  readAt: 'job_organization:dingtalk_headcount_polled:timestamp_seconds',
} as const;

/**
 * What the rules have recorded of organisations that were polled each half-hour for two days, until half an hour
 * ago, and had the same numbers all the time; in OpenMetrics' text format.
 *
 * @param now seconds since the epoch
 */
export function steadyPast(
  now: number,
  job: string,
  organizations: Readonly<Record<string, { readonly employees: number; readonly active: number }>>,
): string {
  const lines: string[] = [];
  const add = (name: string, organization: string, valueAt: (at: number) => number): void => {
    const escaped = organization.replace(/[\\"]/g, String.raw`\$&`);
    for (let at = Math.floor(now) - 2 * DAY; at <= now - HALF_HOUR; at += HALF_HOUR) {
      lines.push(`${name}{job="${job}",organization="${escaped}"} ${valueAt(at)} ${at}`);
    }
  };
  for (const [organization, { employees }] of Object.entries(organizations))
    add(RECORDED.employees, organization, () => employees);
  for (const [organization, { employees, active }] of Object.entries(organizations))
    add(RECORDED.activation, organization, () => active / employees);
  for (const organization of Object.keys(organizations)) add(RECORDED.readAt, organization, (at) => at);
  return `${lines.join('\n')}\n# EOF\n`;
}

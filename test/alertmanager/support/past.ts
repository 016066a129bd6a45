/** Seconds. */
const HALF_HOUR = 1800;
const DAY = 24 * 3600;

/**
 * Samples of the recording rule for organizations with a constant headcount over two days, until half an hour ago; in
 * OpenMetrics' text format.
 *
 * @param now seconds since the epoch
 */
export function steadyPast(
  now: number,
  job: string,
  organizations: Readonly<Record<string, { readonly employees: number }>>,
): string {
  const lines: string[] = [];
  for (const [organization, { employees }] of Object.entries(organizations)) {
    const labels = `job="${job}",organization="${organization.replace(/[\\"]/g, String.raw`\$&`)}"`;
    for (let at = Math.floor(now) - 2 * DAY; at <= now - HALF_HOUR; at += HALF_HOUR)
      lines.push(`organization:dingtalk_employees:latest{${labels}} ${employees} ${at}`);
  }
  return `${lines.join('\n')}\n# EOF\n`;
}

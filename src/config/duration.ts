/** Prometheus' units in milliseconds, from large to small. A year has 365 days. */
const UNITS = [31_536_000_000, 604_800_000, 86_400_000, 3_600_000, 60_000, 1_000, 1];

const FORM = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;

/**
 * Reads a duration as Prometheus writes it, into milliseconds: whole numbers with a unit, from the largest unit to
 * the smallest, each once (`30s`, `1h30m`, `500ms`), or a bare `0`. Undefined for any other text.
 * @see https://prometheus.io/docs/prometheus/latest/configuration/configuration/
 */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0;
  const match = text === '' ? null : FORM.exec(text);
  return match?.slice(1).reduce((sum, count, unit) => sum + Number(count ?? 0) * (UNITS[unit] ?? 0), 0);
}

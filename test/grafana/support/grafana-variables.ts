/** What a viewer has chosen: some values, or "all", which both variables turn into `.+`. */
export interface Choice {
  readonly job: readonly string[] | 'all';
  readonly organization: readonly string[] | 'all';
}

/** How Grafana steps through the time shown, in seconds. */
export interface Steps {
  readonly step: number;
  readonly minStep: number;
  readonly range: number;
}

const anyOf = (values: readonly string[]): string =>
  values.length === 1 ? values.join('') : `(${values.join('|')})`;

/** Grafana's format `regex`: for a regular expression, whatever it stands in. */
const regexFormat = (value: string): string => value.replace(/[\\^$*+?.()|[\]{}/]/g, String.raw`\$&`);

/**
 * What the Prometheus data source does by itself with a variable of several values: escapes for a regular
 * expression in double quotes, but not the double quote (without the toggle prometheusSpecialCharsInLabelValues).
 */
const ownFormat = (value: string): string =>
  value.replace(/\\/g, String.raw`\\\\`).replace(/[$^*{}[\]+?.()|]/g, String.raw`\\$&`);

/** A query as Grafana would send it; `$1` is no variable and stays. A name is put in as it is: nothing in it is taken for a variable again. */
export function interpolate(expr: string, choice: Choice, { step, minStep, range }: Steps): string {
  const values: Record<string, string> = {
    $__rate_interval: `${Math.max(step + minStep, 4 * minStep)}s`,
    $__interval: `${step}s`,
    $__range: `${range}s`,
    $job: choice.job === 'all' ? '.+' : anyOf(choice.job.map(ownFormat)),
    '${organization:regex}':
      choice.organization === 'all' ? '.+' : anyOf(choice.organization.map(regexFormat)),
  };
  return expr.replace(/\$\{\w+(?::\w+)?\}|\$[a-z_]\w*/gi, (variable) => {
    const value = values[variable];
    if (value === undefined) throw new Error(`the dashboard has no variable ${variable}: ${expr}`);
    return value;
  });
}

/** `1m`, `15m`, `1d` in seconds. */
export function seconds(duration: string): number {
  const unit = { s: 1, m: 60, h: 3600, d: 86_400 }[duration.at(-1) ?? ''];
  if (unit === undefined) throw new Error(`"${duration}" is not a duration`);
  return Number(duration.slice(0, -1)) * unit;
}

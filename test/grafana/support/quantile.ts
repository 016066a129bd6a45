import type { Vector } from '../../support/prometheus-server.ts';

/**
 * What `histogram_quantile(quantile, sum by (le) (…))` is, worked out from the rates of the buckets: the value
 * below which that share of the calls lies, taken as spread evenly through its bucket.
 */
export function quantileOf(buckets: Vector, quantile: number): number {
  const rates = new Map<number, number>();
  for (const { metric, value } of buckets) {
    const bound = Number(metric['le']?.replace('+Inf', 'Infinity'));
    rates.set(bound, (rates.get(bound) ?? 0) + value.value);
  }
  const rising = [...rates].sort(([one], [other]) => one - other);
  const rank = quantile * (rising.at(-1)?.[1] ?? Number.NaN);
  const index = rising.findIndex(([, rate]) => rate >= rank);
  const [upper = Number.NaN, through = Number.NaN] = rising[index] ?? [];
  const [lower, before] = rising[index - 1] ?? [0, 0];
  return lower + ((upper - lower) * (rank - before)) / (through - before);
}

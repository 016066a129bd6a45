import { collectDefaultMetrics, Registry } from 'prom-client';

/** Metrics that prom-client has and that `promtool check metrics` rejects: a gauge must not be named `_total`. */
const REJECTED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** The metrics of the process itself: `process_*` and `nodejs_*`, as prom-client has them. */
export function processRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of REJECTED) registry.removeSingleMetric(name);
  return registry;
}

import { execFileSync } from 'node:child_process';
import { prometheus } from './tools.ts';

interface PrometheusProgram {
  /** For titles of tests. */
  readonly title: string;
  /** Path of the program. */
  readonly path: string;
}

const onPath = prometheus();

/** For `describe.skipIf(…).each(PROMETHEUS_PROGRAMS)`. */
export const PROMETHEUS_MISSING = onPath.missing;

/** The Prometheus on the PATH, and the one that the environment variable PROMETHEUS3 names, which must be a 3. */
export const PROMETHEUS_PROGRAMS: readonly PrometheusProgram[] = [
  { title: 'the Prometheus of this machine', path: onPath.path },
  ...prometheus3(process.env['PROMETHEUS3'] ?? ''),
];

/** For tests that need one of them only. */
export const NEWEST_PROMETHEUS = PROMETHEUS_PROGRAMS.slice(-1);

function prometheus3(path: string): PrometheusProgram[] {
  if (path === '') return [];
  const version = execFileSync(path, ['--version'], { encoding: 'utf8' });
  if (!/^prometheus, version 3\./.test(version)) throw new Error(`PROMETHEUS3=${path} is none: ${version}`);
  return [{ title: 'Prometheus 3', path }];
}

import type { OrganizationState } from '../../polling/organization-state.ts';

/** Everything that the page shows. Times are milliseconds. */
export interface PageView {
  /** The program's own name, version and commit. */
  readonly name: string;
  readonly version: string;
  readonly revision: string;
  /** Whether the organizations are the simulated ones of `--demo`. */
  readonly demo: boolean;
  /** Where the metrics are served. */
  readonly telemetryPath: string;
  readonly organizations: readonly OrganizationState[];
  /** Wall clock: when the process started. */
  readonly startedAt: number;
  /** When the page is made: the wall clock for dates, the monotonic one for the age of a headcount. */
  readonly wallTime: number;
  readonly monotonicTime: number;
}

/** What a request for the page asks for. */
export interface PageRequest {
  /** The header `Accept-Language`. */
  readonly acceptLanguage: string | undefined;
  /** `?lang=`; overrides the header. */
  readonly language: string | undefined;
  /** `?q=`: show only organizations whose name contains it. */
  readonly filter: string | undefined;
}

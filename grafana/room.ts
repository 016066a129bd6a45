import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';

/** One row of the dashboard: a question, and the panels that answer it. */
export interface Room {
  readonly question: string;
  /** Made anew for each dashboard: placing a panel changes its builder. */
  readonly panels: () => readonly Builder<Panel>[];
  /** Closed until somebody opens it: its queries do not run before. */
  readonly collapsed?: boolean;
}

import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Texts } from './texts/en.ts';

/** One row of the dashboard. */
export interface Row {
  readonly title: keyof Texts['rows'];
  /** Made anew for each dashboard: placing a panel changes its builder. */
  readonly panels: (texts: Texts) => readonly Builder<Panel>[];
  /** Collapsed at first: its queries do not run before it is opened. */
  readonly collapsed?: boolean;
}

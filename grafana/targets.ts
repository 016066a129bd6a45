import type { DataTransformerConfig } from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import type { Texts } from './texts/en.ts';

/** The data source that the variable of that name chooses. */
export const DATASOURCE = { type: 'prometheus', uid: '$datasource' };

/** A question about this moment. */
export const now = (expr: string, legend = '__auto'): DataqueryBuilder =>
  new DataqueryBuilder().expr(expr).instant().format(PromQueryFormat.TimeSeries).legendFormat(legend);

/**
 * A question about the whole time shown. `minStep` is the narrowest step; it also makes `$__rate_interval` at
 * least four times as wide, whatever scrape interval the data source has been told.
 */
export const through = (expr: string, legend: string, minStep = '1m'): DataqueryBuilder =>
  new DataqueryBuilder()
    .expr(expr)
    .range()
    .format(PromQueryFormat.TimeSeries)
    .legendFormat(legend)
    .interval(minStep);

/** A column of a table. */
export interface Column {
  readonly title: string;
  readonly expr: string;
}

const refId = (index: number): string => String.fromCharCode('A'.charCodeAt(0) + index);

/** Each query with its letter: the SDK gives none. */
export const lettered = (...queries: DataqueryBuilder[]): DataqueryBuilder[] =>
  queries.map((query, index) => query.refId(refId(index)).datasource(DATASOURCE));

/** A query for each column. */
export const columnTargets = (columns: readonly Column[]): DataqueryBuilder[] =>
  lettered(...columns.map(({ expr }) => now(expr).format(PromQueryFormat.Table)));

/** One row for each organization from the answers to all columns. */
export function joinedRows(columns: readonly Column[], texts: Texts): DataTransformerConfig[] {
  const values = columns.map(({ title }, index) => [`Value #${refId(index)}`, title] as const);
  const { organization, job } = texts.columns;
  const fields = [['organization', organization] as const, ...values, ['job', job] as const];
  return [
    { id: 'merge', options: {} },
    {
      id: 'organize',
      options: {
        excludeByName: { Time: true },
        indexByName: Object.fromEntries(fields.map(([field], index) => [field, index])),
        renameByName: Object.fromEntries(fields),
      },
    },
  ];
}

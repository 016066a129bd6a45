import { readFileSync } from 'node:fs';
import { z } from 'zod';

const dataSource = z.object({ type: z.string(), uid: z.string() });

const query = z.object({
  refId: z.string(),
  expr: z.string(),
  datasource: dataSource,
  instant: z.boolean(),
  range: z.boolean(),
  interval: z.string().optional(),
});

const panel = z.object({
  id: z.number(),
  type: z.string(),
  title: z.string(),
  description: z.string().optional(),
  datasource: dataSource.optional(),
  gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
  targets: z.array(query).default([]),
  fieldConfig: z
    .object({ defaults: z.looseObject({ custom: z.record(z.string(), z.unknown()).default({}) }) })
    .optional(),
  transformations: z.array(z.object({ id: z.string(), options: z.unknown() })).optional(),
});

const row = panel.extend({ collapsed: z.boolean(), panels: z.array(panel) });

const variable = z.object({
  type: z.string(),
  name: z.string(),
  label: z.string(),
  query: z.string(),
  datasource: dataSource.optional(),
  multi: z.boolean(),
  includeAll: z.boolean(),
  allValue: z.string().optional(),
  refresh: z.number().optional(),
});

const dashboard = z.looseObject({
  uid: z.string(),
  editable: z.boolean(),
  schemaVersion: z.number(),
  templating: z.object({ list: z.array(variable) }),
  annotations: z.object({ list: z.array(z.looseObject({ name: z.string(), target: query })) }),
  panels: z.array(z.union([row, panel])),
});

export type Panel = z.infer<typeof panel>;
export type Query = z.infer<typeof query>;

/** The text of the English file. */
export const TEXT = readFileSync('grafana/dashboards/dingtalk-headcount.json', 'utf8');

/** The English dashboard, as Grafana reads it. */
export const DASHBOARD = dashboard.parse(JSON.parse(TEXT));

/** The Chinese one. */
export const CHINESE = dashboard.parse(
  JSON.parse(readFileSync('grafana/dashboards/dingtalk-headcount.zh-CN.json', 'utf8')),
);

export const ROWS = DASHBOARD.panels.filter((each) => 'collapsed' in each);

/** Every panel but the rows, those in collapsed rows included. */
export const panelsOf = ({ panels }: typeof DASHBOARD): readonly Panel[] =>
  panels.flatMap((each) => ('collapsed' in each ? each.panels : [each]));

export const PANELS = panelsOf(DASHBOARD);

/** Every query of every panel and annotation, named for messages. */
export const QUERIES: readonly { readonly name: string; readonly query: Query }[] = [
  ...PANELS.flatMap((each) =>
    each.targets.map((target) => ({ name: `${each.title} ${target.refId}`, query: target })),
  ),
  ...DASHBOARD.annotations.list.map((each) => ({
    name: `annotation ${each.name}`,
    query: each.target,
  })),
];

/** The query of a variable: `label_values(series, label)`. */
export const LABEL_VALUES = /^label_values\((?<series>.+), (?<label>\w+)\)$/;

export function panelByTitle(title: string): Panel {
  const found = PANELS.find((each) => each.title === title);
  if (found === undefined) throw new Error(`no panel is called "${title}"`);
  return found;
}

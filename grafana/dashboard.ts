import {
  AnnotationQueryBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  type Panel,
  QueryVariableBuilder,
  RowBuilder,
  type RowPanel,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { api } from './panels/api.ts';
import { changes, headcount } from './panels/headcount.ts';
import { activations, joins, movement, organizations } from './panels/movement.ts';
import { quality } from './panels/quality.ts';
import { FIRED_ALERTS, VARIABLE_QUERIES } from './queries.ts';
import type { Row } from './row.ts';
import { COLOR } from './style.ts';
import { DATASOURCE, through } from './targets.ts';
import { EN, type Texts } from './texts/en.ts';
import { ZH_CN } from './texts/zh-cn.ts';

const ROWS: readonly Row[] = [headcount, changes, joins, activations, movement, quality, api, organizations];

/** The schema of Grafana 10. A newer Grafana brings it up to date when it loads the dashboard. */
const SCHEMA_VERSION = 39;

/** A choice of several values, or of all: `.+` rather than a list that could grow too long for a request. */
const choice = (name: 'job' | 'organization', label: string): QueryVariableBuilder =>
  new QueryVariableBuilder(name)
    .label(label)
    .datasource(DATASOURCE)
    .query(VARIABLE_QUERIES[name])
    .definition(VARIABLE_QUERIES[name])
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalCaseInsensitiveAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.+')
    .current({ selected: true, text: ['All'], value: ['$__all'] });

const alertAnnotation = (name: string): AnnotationQueryBuilder =>
  new AnnotationQueryBuilder()
    .name(name)
    .datasource(DATASOURCE)
    .enable(true)
    .hide(false)
    .iconColor(COLOR.purple)
    .target(through(FIRED_ALERTS, '', '5m').refId('Anno').datasource(DATASOURCE))
    .titleFormat('{{alertname}}')
    .textFormat('{{organization}}')
    .tagKeys('severity');

function withRow(dashboard: DashboardBuilder, { title, panels, collapsed }: Row, texts: Texts): void {
  const row = new RowBuilder(texts.rows[title]);
  if (collapsed === true) {
    for (const panel of panels(texts)) row.withPanel(panel);
    dashboard.withRow(row);
    return;
  }
  dashboard.withRow(row);
  for (const panel of panels(texts)) dashboard.withPanel(panel);
}

/**
 * What SDK 0.0.21 leaves out or adds: ids of panels (rows all get 0), the data source of a panel, a schema
 * older than its own, and a `placement` of annotations and links that only the newest Grafana knows.
 */
function mend(dashboard: Dashboard): Dashboard {
  let id = 0;
  const numbered = <Any extends Panel | RowPanel>(panel: Any): Any => {
    id += 1;
    return 'collapsed' in panel
      ? { ...panel, id, panels: panel.panels.map(numbered) }
      : { ...panel, id, datasource: DATASOURCE };
  };
  const annotations = (dashboard.annotations?.list ?? []).map(({ placement: _, ...kept }) => kept);
  return {
    ...dashboard,
    schemaVersion: SCHEMA_VERSION,
    annotations: { list: annotations },
    links: (dashboard.links ?? []).map(({ placement: _, ...kept }) => kept),
    panels: (dashboard.panels ?? []).map(numbered),
  };
}

/** The dashboard as Grafana provisions it. */
function buildDashboard(uid: string, texts: Texts): Dashboard {
  const { variables } = texts;
  const builder = new DashboardBuilder(texts.title)
    .uid(uid)
    .description(texts.description)
    .tags(['dingtalk'])
    .readonly()
    .timezone('browser')
    .time({ from: 'now-30d', to: 'now' })
    .refresh('5m')
    .tooltip(DashboardCursorSync.Crosshair)
    .link(
      new DashboardLinkBuilder(texts.language.link)
        .type(DashboardLinkType.Link)
        .url(`/d/${texts.language.uid}`)
        .keepTime(true)
        .includeVars(true),
    )
    .withVariable(new DatasourceVariableBuilder('datasource').label(variables.datasource).type('prometheus'))
    .withVariable(choice('job', variables.job))
    .withVariable(choice('organization', variables.organization))
    .annotation(alertAnnotation(texts.annotation));
  for (const row of ROWS) withRow(builder, row, texts);
  return mend(builder.build());
}

/** The form for grafana.com and for an import by hand: it asks for the data source, and says what it needs. */
function forImport(dashboard: Dashboard): object {
  const flat = (dashboard.panels ?? []).flatMap((panel) => ('panels' in panel ? panel.panels : [panel]));
  const panelTypes = [...new Set(flat.map(({ type }) => type))].sort();
  const input = 'DS_PROMETHEUS';
  const chosen = { selected: false, text: `\${${input}}`, value: `\${${input}}` };
  const variables = (dashboard.templating?.list ?? []).map((variable) =>
    variable.type === 'datasource' ? { ...variable, current: chosen } : variable,
  );
  return {
    __inputs: [
      {
        name: input,
        label: 'Prometheus',
        type: 'datasource',
        pluginId: 'prometheus',
        pluginName: 'Prometheus',
      },
    ],
    __requires: [
      { type: 'grafana', id: 'grafana', name: 'Grafana', version: '10.0.0' },
      { type: 'datasource', id: 'prometheus', name: 'Prometheus', version: '1.0.0' },
      ...panelTypes.map((id) => ({ type: 'panel', id, name: id, version: '' })),
    ],
    ...dashboard,
    templating: { list: variables },
  };
}

const UIDS = { en: 'dingtalk-headcount', 'zh-CN': 'dingtalk-headcount-zh' } as const;
const TEXTS: Readonly<Record<keyof typeof UIDS, Texts>> = { en: EN, 'zh-CN': ZH_CN };

/** Every file that the generator writes: its path and its text. */
export function renderFiles(): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const language of ['en', 'zh-CN'] as const) {
    const name = language === 'en' ? 'dingtalk-headcount' : `dingtalk-headcount.${language}`;
    const dashboard = buildDashboard(UIDS[language], TEXTS[language]);
    files.set(`grafana/dashboards/${name}.json`, `${JSON.stringify(dashboard, null, 2)}\n`);
    files.set(`grafana/import/${name}.json`, `${JSON.stringify(forImport(dashboard), null, 2)}\n`);
  }
  return files;
}

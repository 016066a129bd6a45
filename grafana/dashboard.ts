import {
  AnnotationQueryBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DatasourceVariableBuilder,
  type Panel,
  QueryVariableBuilder,
  RowBuilder,
  type RowPanel,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { changes, headcount } from './panels/headcount.ts';
import { activating, courses, joiners, movers } from './panels/movement.ts';
import { trust } from './panels/trust.ts';
import { FIRED_ALERTS, VARIABLE_QUERIES } from './queries.ts';
import type { Room } from './room.ts';
import { COLOR } from './style.ts';
import { DATASOURCE, through } from './targets.ts';

/** From the top: what a head of IT asks first. */
const ROOMS: readonly Room[] = [headcount, changes, joiners, activating, movers, trust, courses];

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

const alertAnnotation = (): AnnotationQueryBuilder =>
  new AnnotationQueryBuilder()
    .name('Headcount alerts')
    .datasource(DATASOURCE)
    .enable(true)
    .hide(false)
    .iconColor(COLOR.purple)
    .target(through(FIRED_ALERTS, '', '5m').refId('Anno').datasource(DATASOURCE))
    .titleFormat('{{alertname}}')
    .textFormat('{{organization}}')
    .tagKeys('severity');

function withRoom(dashboard: DashboardBuilder, room: Room): DashboardBuilder {
  const row = new RowBuilder(room.question);
  if (room.collapsed === true) {
    for (const panel of room.panels()) row.withPanel(panel);
    return dashboard.withRow(row);
  }
  dashboard.withRow(row);
  for (const panel of room.panels()) dashboard.withPanel(panel);
  return dashboard;
}

/**
 * What SDK 0.0.21 leaves out or adds: ids of panels (rows all get 0), the data source of a panel, a schema
 * older than its own, and a `placement` of annotations that only the newest Grafana knows.
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
    panels: (dashboard.panels ?? []).map(numbered),
  };
}

/** The text of grafana/dashboards/dingtalk-headcount.json. */
export function renderDashboard(): string {
  const builder = new DashboardBuilder('DingTalk headcount')
    .uid('dingtalk-headcount')
    .description(
      'How many people are in each DingTalk organization, how many of them have activated it, how that changed, and whether the numbers can be believed.',
    )
    .tags(['dingtalk'])
    .readonly()
    .timezone('browser')
    .time({ from: 'now-30d', to: 'now' })
    .refresh('5m')
    .tooltip(DashboardCursorSync.Crosshair)
    .withVariable(new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'))
    .withVariable(choice('job', 'Job'))
    .withVariable(choice('organization', 'Organization'))
    .annotation(alertAnnotation());
  const built = ROOMS.reduce(withRoom, builder).build();
  return `${JSON.stringify(mend(built), null, 2)}\n`;
}

import {
  GraphGradientMode,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  TableCellDisplayMode,
} from '@grafana/grafana-foundation-sdk/common';
import {
  type DynamicConfigValue,
  FieldColorModeId,
  MappingType,
  type ValueMapping,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { age, byJob, byOrganization, CONFIGURED, exportersUp, overReplicas } from '../queries.ts';
import type { Row } from '../row.ts';
import { byThreshold, COLOR, colorsFrom, fixedColor, history, sheet, states, timeline } from '../style.ts';
import { type Column, columnTargets, joinedRows, lettered, through } from '../targets.ts';
import type { Texts } from '../texts/en.ts';

/** `dingtalk_up`, averaged over the replicas. */
const pollStates = ({ values }: Texts): ValueMapping[] => [
  states([values.failing, COLOR.vermilion], [values.ok, COLOR.blue]),
  {
    type: MappingType.RangeToText,
    options: { from: 0.001, to: 0.999, result: { text: values.someFailing, color: COLOR.orange, index: 2 } },
  },
];

const columns = ({ columns: titles }: Texts): readonly Column[] => [
  { title: titles.polls, expr: overReplicas('avg', byOrganization('dingtalk_up')) },
  { title: titles.age, expr: age() },
  { title: titles.allowedAge, expr: CONFIGURED },
  {
    title: titles.lastPoll,
    expr: `time() - ${overReplicas('max', byOrganization('dingtalk_last_poll_timestamp_seconds'))}`,
  },
  {
    title: titles.duration,
    expr: overReplicas('max', byOrganization('dingtalk_last_poll_duration_seconds')),
  },
  {
    title: titles.failedPolls,
    expr: `round(${overReplicas('sum', `increase(${byOrganization('dingtalk_poll_failures_total')}[1d])`)})`,
  },
  {
    title: titles.token,
    expr: `${overReplicas('min', byOrganization('dingtalk_access_token_expiry_timestamp_seconds'))} - time()`,
  },
];

const colored: DynamicConfigValue = {
  id: 'custom.cellOptions',
  value: { type: TableCellDisplayMode.ColorText },
};

/** How fresh the numbers are, and why polls fail. */
export const quality: Row = {
  title: 'quality',
  panels: (texts) => [
    timeline(texts.polls)
      .mappings(pollStates(texts))
      .colorScheme(fixedColor(COLOR.neutral))
      .targets(
        lettered(
          through(
            overReplicas('avg', `min_over_time(${byOrganization('dingtalk_up')}[$__rate_interval])`),
            '{{organization}}',
          ),
        ),
      )
      .span(12)
      .height(9),
    timeline(texts.reasons)
      .mappings([
        {
          type: MappingType.ValueToText,
          options: { '1': { text: texts.values.fails, color: COLOR.vermilion, index: 0 } },
        },
      ])
      .colorScheme(fixedColor(COLOR.vermilion))
      .noValue(texts.values.noFailure)
      .targets(
        lettered(
          through(
            overReplicas('max', `max_over_time(${byOrganization('dingtalk_poll_error')}[$__rate_interval])`),
            '{{organization}}: {{reason}}',
          ),
        ),
      )
      .span(12)
      .height(9),
    history(texts.ageShare)
      .noValue(texts.noData)
      .unit('percentunit')
      .decimals(0)
      .min(0)
      .colorScheme(byThreshold())
      .gradientMode(GraphGradientMode.Scheme)
      .thresholds(colorsFrom(COLOR.blue, [1, COLOR.vermilion]))
      .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed))
      .targets(lettered(through(`${age()} / ${CONFIGURED}`, '{{organization}}')))
      .span(12)
      .height(8),
    timeline(texts.exporters)
      .mappings([states([texts.values.no, COLOR.vermilion], [texts.values.yes, COLOR.blue])])
      .colorScheme(fixedColor(COLOR.neutral))
      .targets(
        lettered(
          through(exportersUp(), texts.exporters.up),
          through(
            `min_over_time(${byJob('dingtalk_config_last_reload_successful')}[$__rate_interval])`,
            texts.exporters.reloaded,
          ),
        ),
      )
      .span(12)
      .height(8),
    sheet(texts.state, texts, texts.columns.age)
      .unit('s')
      .targets(columnTargets(columns(texts)))
      .transformations(joinedRows(columns(texts), texts))
      .overrideByName(texts.columns.polls, [{ id: 'mappings', value: pollStates(texts) }, colored])
      .overrideByName(texts.columns.duration, [{ id: 'decimals', value: 1 }])
      .overrideByName(texts.columns.failedPolls, [{ id: 'unit', value: 'locale' }])
      .overrideByName(texts.columns.token, [
        colored,
        { id: 'color', value: { mode: FieldColorModeId.Thresholds } },
        { id: 'thresholds', value: colorsFrom(COLOR.vermilion, [0, COLOR.neutral]).build() },
      ])
      .span(24)
      .height(9),
  ],
};

import {
  BarAlignment,
  GraphDrawStyle,
  LineInterpolation,
  TableCellDisplayMode,
} from '@grafana/grafana-foundation-sdk/common';
import {
  type DynamicConfigValue,
  FieldColorBuilder,
  FieldColorModeId,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { activation, change, changeWithinStep, current, IS_CURRENT, known } from '../queries.ts';
import type { Row } from '../row.ts';
import {
  ACTIVE,
  COLOR,
  colorOf,
  countHistory,
  EVERYONE,
  fixedColor,
  sheet,
  signColors,
  states,
  timeline,
} from '../style.ts';
import { type Column, columnTargets, joinedRows, lettered, through } from '../targets.ts';
import type { Texts } from '../texts/en.ts';

/** The day is the viewer's: Grafana begins steps of a day at midnight of the dashboard's time zone. */
const A_DAY = '1d';

const WITHIN_DAY = changeWithinStep('dingtalk_employees');

/** When people joined and left. */
export const joins: Row = {
  title: 'joins',
  panels: (texts) => [
    countHistory(texts.netChange, texts)
      .drawStyle(GraphDrawStyle.Bars)
      .barAlignment(BarAlignment.After)
      .barWidthFactor(0.8)
      .lineInterpolation(LineInterpolation.Linear)
      .lineWidth(0)
      .fillOpacity(85)
      .interval(A_DAY)
      .targets(
        lettered(
          through(`sum(clamp_min(${WITHIN_DAY}, 0))`, texts.series.joined, A_DAY),
          through(`sum(clamp_max(${WITHIN_DAY}, 0))`, texts.series.left, A_DAY),
        ),
      )
      .overrideByName(texts.series.joined, colorOf(COLOR.blue))
      .overrideByName(texts.series.left, colorOf(COLOR.vermilion))
      .span(24)
      .height(8),
  ],
};

/** The share of people who have activated DingTalk. */
export const activations: Row = {
  title: 'activation',
  panels: (texts) => [
    countHistory(texts.activationTotal, texts)
      .unit('percentunit')
      .decimals(1)
      .colorScheme(fixedColor(ACTIVE))
      .targets(
        lettered(
          through(
            `sum(${known('dingtalk_employees_active')}) / sum(${known('dingtalk_employees')})`,
            texts.series.activation,
          ),
        ),
      )
      .span(12)
      .height(9),
    timeline(texts.activationByOrganization)
      .noValue(texts.noData)
      .unit('percentunit')
      .decimals(0)
      .min(0)
      .max(1)
      .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.ContinuousBlues))
      .targets(lettered(through(`round(${activation(current)}, 0.01)`, '{{organization}}')))
      .span(12)
      .height(9),
  ],
};

const OVER_MONTH = change('dingtalk_employees', '30d');

const columns = ({ columns: titles }: Texts): readonly Column[] => [
  { title: titles.people, expr: known('dingtalk_employees') },
  { title: titles.active, expr: known('dingtalk_employees_active') },
  { title: titles.activation, expr: activation(known) },
  { title: titles.number, expr: IS_CURRENT },
  { title: titles.change1d, expr: change('dingtalk_employees', '1d') },
  { title: titles.change7d, expr: change('dingtalk_employees', '7d') },
  { title: titles.change30d, expr: OVER_MONTH },
  { title: titles.moved, expr: `abs(${OVER_MONTH})` },
];

const colored: DynamicConfigValue[] = [
  { id: 'custom.cellOptions', value: { type: TableCellDisplayMode.ColorText } },
  { id: 'color', value: { mode: FieldColorModeId.Thresholds } },
  { id: 'thresholds', value: signColors().build() },
];

/** Which organizations changed most. */
export const movement: Row = {
  title: 'movement',
  panels: (texts) => [
    sheet(texts.movement, texts, texts.columns.moved)
      .noValue(texts.noData)
      .targets(columnTargets(columns(texts)))
      .transformations(joinedRows(columns(texts), texts))
      .overrideByName(texts.columns.activation, [
        { id: 'unit', value: 'percentunit' },
        { id: 'decimals', value: 1 },
      ])
      .overrideByName(texts.columns.number, [
        {
          id: 'mappings',
          value: [states([texts.values.old, COLOR.orange], [texts.values.current, COLOR.blue])],
        },
        { id: 'custom.cellOptions', value: { type: TableCellDisplayMode.ColorText } },
      ])
      .overrideByName(texts.columns.change1d, colored)
      .overrideByName(texts.columns.change7d, colored)
      .overrideByName(texts.columns.change30d, colored)
      .span(24)
      .height(10),
  ],
};

/** Each organization on a scale of its own, with its gaps. */
export const organizations: Row = {
  title: 'organizations',
  collapsed: true,
  panels: (texts) => [
    countHistory({ title: '$organization', ...texts.organization }, texts)
      .repeat('organization')
      .maxPerRow(3)
      .targets(
        lettered(
          through(current('dingtalk_employees'), texts.series.people),
          through(current('dingtalk_employees_active'), texts.series.active),
        ),
      )
      .overrideByName(texts.series.people, colorOf(EVERYONE))
      .overrideByName(texts.series.active, colorOf(ACTIVE))
      .span(8)
      .height(8),
  ],
};

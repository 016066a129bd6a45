import * as bargauge from '@grafana/grafana-foundation-sdk/bargauge';
import {
  AxisPlacement,
  BarGaugeDisplayMode,
  BigValueColorMode,
  BigValueGraphMode,
  FieldTextAlignment,
  GraphDrawStyle,
  LegendDisplayMode,
  LegendPlacement,
  LineInterpolation,
  ReduceDataOptionsBuilder,
  SortOrder,
  TableSortByFieldStateBuilder,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  type DynamicConfigValue,
  FieldColorBuilder,
  FieldColorModeId,
  MappingType,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type ValueMapping,
} from '@grafana/grafana-foundation-sdk/dashboard';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as statetimeline from '@grafana/grafana-foundation-sdk/statetimeline';
import * as table from '@grafana/grafana-foundation-sdk/table';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';
import type { PanelText, Texts } from './texts/en.ts';

/**
 * Okabe and Ito's colors ("Color Universal Design", 2008), chosen so that people with any kind of color
 * blindness can tell them apart. Series whose number is not known beforehand are never told apart by color:
 * they get a row or a panel each.
 */
export const COLOR = {
  blue: '#0072B2',
  orange: '#E69F00',
  vermilion: '#D55E00',
  sky: '#56B4E9',
  purple: '#CC79A7',
  /** Neither good nor bad: Grafana's own text color, in the light theme and in the dark one. */
  neutral: 'text',
} as const;

/** Everyone and those who have activated DingTalk have the same colors in every panel. */
export const EVERYONE = COLOR.blue;
export const ACTIVE = COLOR.orange;

/** Whole numbers with thousands separators. Grafana's `short` would make "1 K" of 1,200. */
export const PEOPLE_UNIT = 'locale';

export const fixedColor = (color: string): FieldColorBuilder =>
  new FieldColorBuilder().mode(FieldColorModeId.Fixed).fixedColor(color);

/** Colors from a value upwards; the first goes for everything below the second's. */
export function colorsFrom(below: string, ...steps: (readonly [value: number, color: string])[]) {
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps([{ value: null, color: below }, ...steps.map(([value, color]) => ({ value, color }))]);
}

export const byThreshold = (): FieldColorBuilder => new FieldColorBuilder().mode(FieldColorModeId.Thresholds);

/** Fewer is vermilion, more is blue; no change is neither. Counts are whole, so "more" begins at 1. */
export const signColors = () => colorsFrom(COLOR.vermilion, [0, COLOR.neutral], [1, COLOR.blue]);

export const colorOf = (color: string): DynamicConfigValue[] => [
  { id: 'color', value: { mode: FieldColorModeId.Fixed, fixedColor: color } },
];

const legend = (): VizLegendOptionsBuilder =>
  new VizLegendOptionsBuilder()
    .displayMode(LegendDisplayMode.List)
    .placement(LegendPlacement.Bottom)
    .showLegend(true);

const allAtOnce = (): VizTooltipOptionsBuilder =>
  new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending);

/** The texts and colors of 0 and 1. */
export const states = (
  zero: readonly [text: string, color: string],
  one: readonly [text: string, color: string],
): ValueMapping => ({
  type: MappingType.ValueToText,
  options: {
    '0': { text: zero[0], color: zero[1], index: 0 },
    '1': { text: one[0], color: one[1], index: 1 },
  },
});

/** Only instant queries go in here: "last not null" over a range would show a number long after it was dropped. */
const theOneValue = (): ReduceDataOptionsBuilder => new ReduceDataOptionsBuilder().calcs(['lastNotNull']);

/** A time series. A number that is not known leaves a gap. */
export function history({ title, description }: PanelText): timeseries.PanelBuilder {
  return new timeseries.PanelBuilder()
    .title(title)
    .description(description)
    .drawStyle(GraphDrawStyle.Line)
    .lineInterpolation(LineInterpolation.Linear)
    .lineWidth(2)
    .fillOpacity(0)
    .showPoints(VisibilityMode.Auto)
    .spanNulls(false)
    .axisPlacement(AxisPlacement.Auto)
    .legend(legend())
    .tooltip(allAtOnce());
}

/** A time series of counts: a count is valid until the next one is read, so it is drawn in steps. */
export function countHistory(text: PanelText, { noData }: Texts): timeseries.PanelBuilder {
  return history(text)
    .lineInterpolation(LineInterpolation.StepAfter)
    .unit(PEOPLE_UNIT)
    .decimals(0)
    .noValue(noData);
}

/** Large figures of this moment. */
export function figures({ title, description }: PanelText, { noData }: Texts): stat.PanelBuilder {
  return new stat.PanelBuilder()
    .title(title)
    .description(description)
    .unit(PEOPLE_UNIT)
    .decimals(0)
    .noValue(noData)
    .graphMode(BigValueGraphMode.None)
    .colorMode(BigValueColorMode.Value)
    .reduceOptions(theOneValue());
}

/** One bar for each series. */
export function bars({ title, description }: PanelText, { noData }: Texts): bargauge.PanelBuilder {
  return new bargauge.PanelBuilder()
    .title(title)
    .description(description)
    .unit(PEOPLE_UNIT)
    .decimals(0)
    .min(0)
    .noValue(noData)
    .displayMode(BarGaugeDisplayMode.Basic)
    .orientation(VizOrientation.Horizontal)
    .reduceOptions(theOneValue())
    .minVizHeight(16);
}

/** A row for each series, with its state over time. */
export function timeline({ title, description }: PanelText): statetimeline.PanelBuilder {
  return new statetimeline.PanelBuilder()
    .title(title)
    .description(description)
    .showValue(VisibilityMode.Auto)
    .mergeValues(true)
    .rowHeight(0.9)
    .fillOpacity(80)
    .lineWidth(0)
    .spanNulls(false)
    .legend(new VizLegendOptionsBuilder().showLegend(false).displayMode(LegendDisplayMode.Hidden))
    .tooltip(allAtOnce());
}

/** A table that can be sorted by a click on any column; numbers are on the right, names on the left. */
export function sheet(
  { title, description }: PanelText,
  { columns }: Texts,
  sortedBy: string,
): table.PanelBuilder {
  const toTheLeft: DynamicConfigValue[] = [{ id: 'custom.align', value: FieldTextAlignment.Left }];
  return new table.PanelBuilder()
    .title(title)
    .description(description)
    .unit(PEOPLE_UNIT)
    .decimals(0)
    .align(FieldTextAlignment.Right)
    .filterable(false)
    .sortBy([new TableSortByFieldStateBuilder().displayName(sortedBy).desc(true)])
    .overrideByName(columns.organization, toTheLeft)
    .overrideByName(columns.job, toTheLeft);
}

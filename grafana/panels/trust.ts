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
import { age, allowedAge, byJob, byOrganization, exportersUp } from '../queries.ts';
import type { Room } from '../room.ts';
import { byThreshold, COLOR, colorsFrom, course, fixedColor, sheet, timeline } from '../style.ts';
import { type Column, columnTargets, joinedRows, lettered, through } from '../targets.ts';
import { callPanels } from './calls.ts';

const NOTHING_FAILED = 'nothing failed in this time';

/** `dingtalk_up` averaged over the replicas. */
const POLL_STATES: ValueMapping[] = [
  {
    type: MappingType.ValueToText,
    options: {
      '0': { text: 'failing', color: COLOR.vermilion, index: 0 },
      '1': { text: 'well', color: COLOR.blue, index: 1 },
    },
  },
  {
    type: MappingType.RangeToText,
    options: {
      from: 0.001,
      to: 0.999,
      result: { text: 'some replicas fail', color: COLOR.orange, index: 2 },
    },
  },
];

const yesNo: ValueMapping[] = [
  {
    type: MappingType.ValueToText,
    options: {
      '0': { text: 'no', color: COLOR.vermilion, index: 0 },
      '1': { text: 'yes', color: COLOR.blue, index: 1 },
    },
  },
];

const COLUMNS: readonly Column[] = [
  { title: 'State', expr: `avg by (job, organization) (${byOrganization('dingtalk_up')})` },
  { title: 'Age', expr: age() },
  { title: 'Allowed age', expr: allowedAge() },
  {
    title: 'Last poll, ago',
    expr: `time() - max by (job, organization) (${byOrganization('dingtalk_last_poll_timestamp_seconds')})`,
  },
  {
    title: 'Slowest poll took',
    expr: `max by (job, organization) (${byOrganization('dingtalk_last_poll_duration_seconds')})`,
  },
  {
    title: 'Failed polls, 1 day',
    expr: `round(sum by (job, organization) (increase(${byOrganization('dingtalk_poll_failures_total')}[1d])))`,
  },
  {
    title: 'Token valid for',
    expr: `min by (job, organization) (${byOrganization('dingtalk_access_token_expiry_timestamp_seconds')}) - time()`,
  },
];

const seconds: DynamicConfigValue[] = [{ id: 'unit', value: 's' }];

/** Whether these numbers can be believed. */
export const trust: Room = {
  question: 'Can I believe these numbers?',
  panels: () => [
    timeline(
      'Polls of each organization',
      'Whether the polls of each organization succeed. A step in which any poll failed shows as failing, so that a short failure is not lost in a long view; with several replicas "some replicas fail" still means that the number is fresh. A gap: no exporter was there to say.',
    )
      .mappings(POLL_STATES)
      .colorScheme(fixedColor(COLOR.neutral))
      .targets(
        lettered(
          through(
            `avg by (job, organization) (min_over_time(${byOrganization('dingtalk_up')}[$__rate_interval]))`,
            '{{organization}}',
          ),
        ),
      )
      .span(12)
      .height(9),
    timeline(
      'Why polls fail',
      'One row for each organization and reason: filled while the last poll of any replica failed for it. "credentials" and "permission" need a person; "throttled", "timeout", "network" and "unavailable" usually pass; "quota" lasts until DingTalk grants more calls.',
    )
      .mappings([
        {
          type: MappingType.ValueToText,
          options: { '1': { text: 'fails', color: COLOR.vermilion, index: 0 } },
        },
      ])
      .colorScheme(fixedColor(COLOR.vermilion))
      .noValue(NOTHING_FAILED)
      .targets(
        lettered(
          through(
            `max by (job, organization, reason) (max_over_time(${byOrganization('dingtalk_poll_error')}[$__rate_interval]))`,
            '{{organization}}: {{reason}}',
          ),
        ),
      )
      .span(12)
      .height(9),
    course(
      'Age of each number, of what is allowed',
      'How old the number of each organization is, as a share of the age that the configuration allows it (max_staleness). It falls to zero with each poll that succeeds; above 100 % the number is dropped. Hover a line for its organization.',
    )
      .unit('percentunit')
      .decimals(0)
      .min(0)
      .colorScheme(byThreshold())
      .gradientMode(GraphGradientMode.Scheme)
      .thresholds(colorsFrom(COLOR.blue, [1, COLOR.vermilion]))
      .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed))
      .targets(lettered(through(`${age()} / ${allowedAge()}`, '{{organization}}')))
      .span(12)
      .height(8),
    timeline(
      'The exporters themselves',
      'Whether each exporter answers Prometheus, and whether the configuration that it was last told to load is the one at work. While no exporter answers, nothing else on this dashboard is known.',
    )
      .mappings(yesNo)
      .colorScheme(fixedColor(COLOR.neutral))
      .targets(
        lettered(
          through(exportersUp(), '{{instance}} answers'),
          through(
            `min_over_time(${byJob('dingtalk_config_last_reload_successful')}[$__rate_interval])`,
            '{{instance}} has the newest configuration',
          ),
        ),
      )
      .span(12)
      .height(8),
    sheet(
      'State of each organization',
      'How fresh each number is, when it was last polled and how long the slowest replica took, how often polls failed within a day (of all replicas; Prometheus estimates this from the counter), and how long the access token that ends first is still valid: it is renewed five minutes ahead, so below zero it could not be.',
      'Age',
    )
      .unit('s')
      .targets(columnTargets(COLUMNS))
      .transformations(joinedRows(COLUMNS))
      .overrideByName('State', [
        { id: 'mappings', value: POLL_STATES },
        { id: 'custom.cellOptions', value: { type: TableCellDisplayMode.ColorText } },
      ])
      .overrideByName('Slowest poll took', [...seconds, { id: 'decimals', value: 1 }])
      .overrideByName('Failed polls, 1 day', [{ id: 'unit', value: 'locale' }])
      .overrideByName('Token valid for', [
        { id: 'custom.cellOptions', value: { type: TableCellDisplayMode.ColorText } },
        { id: 'color', value: { mode: FieldColorModeId.Thresholds } },
        { id: 'thresholds', value: colorsFrom(COLOR.vermilion, [0, COLOR.neutral]).build() },
      ])
      .span(24)
      .height(9),
    ...callPanels(),
  ],
};

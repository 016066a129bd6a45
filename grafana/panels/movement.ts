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
import { activation, change, changeWithinStep, count, whileComplete } from '../queries.ts';
import type { Room } from '../room.ts';
import {
  ACTIVE,
  COLOR,
  colorOf,
  countCourse,
  fixedColor,
  PEOPLE_UNIT,
  sheet,
  signColors,
  timeline,
} from '../style.ts';
import { type Column, columnTargets, joinedRows, lettered, through } from '../targets.ts';

/** The day is the viewer's: Grafana begins steps of a day at midnight of the dashboard's time zone. */
const A_DAY = '1d';

const WITHIN_DAY = changeWithinStep('dingtalk_employees');

/** When people joined and left. */
export const joiners: Room = {
  question: 'When did people join and leave?',
  panels: () => [
    countCourse(
      'Net change a day',
      'For each day how many more people there were at its end than at its start: the organizations that grew, added up above zero, and those that shrank below it. Within one organization ten who joined and ten who left are no change, which is all that a headcount can tell. What changed while the number was not known stands on the day on which it was known again, if that was within seven days. The day on which an organization is added has no bar: its people did not join. Over very long times a bar covers more than a day; the last bar is not over yet.',
    )
      .drawStyle(GraphDrawStyle.Bars)
      .barAlignment(BarAlignment.After)
      .barWidthFactor(0.8)
      .lineInterpolation(LineInterpolation.Linear)
      .lineWidth(0)
      .fillOpacity(85)
      .interval(A_DAY)
      .targets(
        lettered(
          through(`sum(clamp_min(${WITHIN_DAY}, 0))`, 'grew', A_DAY),
          through(`sum(clamp_max(${WITHIN_DAY}, 0))`, 'shrank', A_DAY),
        ),
      )
      .overrideByName('grew', colorOf(COLOR.blue))
      .overrideByName('shrank', colorOf(COLOR.vermilion))
      .span(24)
      .height(8),
  ],
};

const TOTAL_ACTIVATION = whileComplete(
  `sum(${count('dingtalk_employees_active')}) / sum(${count('dingtalk_employees')})`,
);

/** How activation is going. */
export const activating: Room = {
  question: 'How is activation going?',
  panels: () => [
    countCourse(
      'Activation of all organizations together',
      'The share of all people in the chosen organizations who have activated DingTalk. The line has a gap while an organization that had a number within the last seven days has none.',
    )
      .unit('percentunit')
      .decimals(1)
      .colorScheme(fixedColor(ACTIVE))
      .targets(lettered(through(TOTAL_ACTIVATION, 'activation')))
      .span(12)
      .height(9),
    timeline(
      'Activation by organization',
      'The share of the people of each organization who have activated DingTalk, to a whole percent; the stronger the blue, the higher. A gap: no number was known.',
    )
      .unit('percentunit')
      .decimals(0)
      .min(0)
      .max(1)
      .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.ContinuousBlues))
      .targets(lettered(through(`round(${activation()}, 0.01)`, '{{organization}}')))
      .span(12)
      .height(9),
  ],
};

const overMonth = change('dingtalk_employees', '30d');

const COLUMNS: readonly Column[] = [
  { title: 'People', expr: count('dingtalk_employees') },
  { title: 'Active', expr: count('dingtalk_employees_active') },
  { title: 'Activation', expr: activation() },
  { title: 'Change, 1 day', expr: change('dingtalk_employees', '1d') },
  { title: 'Change, 7 days', expr: change('dingtalk_employees', '7d') },
  { title: 'Change, 30 days', expr: overMonth },
  { title: 'Moved, 30 days', expr: `abs(${overMonth})` },
];

const colored: DynamicConfigValue[] = [
  { id: 'custom.cellOptions', value: { type: TableCellDisplayMode.ColorText } },
  { id: 'color', value: { mode: FieldColorModeId.Thresholds } },
  { id: 'thresholds', value: signColors().build() },
];

/** Which organizations moved most. */
export const movers: Room = {
  question: 'Which organizations moved most?',
  panels: () => [
    sheet(
      'Organizations by movement',
      'Each organization now, and how its headcount changed; "moved" is the change over 30 days without its sign, so that those that grew and those that shrank most stand on top. A click on a heading sorts. A change is empty where the organization had no number then (the last one known at that time, up to seven days further back) or has none now.',
      'Moved, 30 days',
    )
      .unit(PEOPLE_UNIT)
      .targets(columnTargets(COLUMNS))
      .transformations(joinedRows(COLUMNS))
      .overrideByName('Activation', [
        { id: 'unit', value: 'percentunit' },
        { id: 'decimals', value: 1 },
      ])
      .overrideByName('Change, 1 day', colored)
      .overrideByName('Change, 7 days', colored)
      .overrideByName('Change, 30 days', colored)
      .span(24)
      .height(10),
  ],
};

/** The course of each organization on a scale of its own: movement shows that a common scale would hide. */
export const courses: Room = {
  question: 'The course of each organization',
  collapsed: true,
  panels: () => [
    countCourse(
      '$organization',
      'Everyone in this organization, and who of them has activated DingTalk; what lies between the lines is still to activate. A gap: no number was known.',
    )
      .repeat('organization')
      .maxPerRow(3)
      .targets(
        lettered(
          through(count('dingtalk_employees'), 'people'),
          through(count('dingtalk_employees_active'), 'active'),
        ),
      )
      .overrideByName('people', colorOf(COLOR.blue))
      .overrideByName('active', colorOf(ACTIVE))
      .span(8)
      .height(8),
  ],
};

import { change, count, total, whileComplete, withoutNumber } from '../queries.ts';
import type { Room } from '../room.ts';
import {
  ACTIVE,
  bars,
  byThreshold,
  COLOR,
  colorOf,
  colorsFrom,
  countCourse,
  EVERYONE,
  figures,
  fixedColor,
  signColors,
} from '../style.ts';
import { lettered, now, through } from '../targets.ts';

const COMPLETE =
  'Nothing is shown while an organization that had a number within the last seven days has none: a sum without it would look as if all its people had left.';

const ONE_REPLICA = 'Of several replicas the one that succeeded last speaks.';

const EVERYONE_TOTAL = total('dingtalk_employees');
const ACTIVE_TOTAL = total('dingtalk_employees_active');
const NOT_ACTIVE = whileComplete(
  `sum(${count('dingtalk_employees')} - ${count('dingtalk_employees_active')})`,
);

/** How many are we now, together and in each organization. */
export const headcount: Room = {
  question: 'How many are we?',
  panels: () => [
    figures('People', `Everyone in the chosen organizations, active or not. ${ONE_REPLICA} ${COMPLETE}`)
      .colorScheme(fixedColor(EVERYONE))
      .targets(lettered(now(EVERYONE_TOTAL, 'People')))
      .span(6)
      .height(5),
    figures('Active', `Who has activated DingTalk in the chosen organizations. ${ONE_REPLICA} ${COMPLETE}`)
      .colorScheme(fixedColor(ACTIVE))
      .targets(lettered(now(ACTIVE_TOTAL, 'Active')))
      .span(6)
      .height(5),
    figures('Not active yet', `Who is in the organization but has not activated DingTalk. ${COMPLETE}`)
      .colorScheme(fixedColor(COLOR.neutral))
      .targets(lettered(now(NOT_ACTIVE, 'Not active yet')))
      .span(6)
      .height(5),
    figures(
      'Organizations without a number',
      'Organizations that are configured but have no headcount now: never polled well, or failing for longer than a number may be old. They are in none of the sums; the last part of this dashboard says why they fail.',
    )
      .colorScheme(byThreshold())
      .thresholds(colorsFrom(COLOR.blue, [1, COLOR.vermilion]))
      .targets(lettered(now(withoutNumber(), 'Without a number')))
      .span(6)
      .height(5),
    bars(
      'People by organization',
      `Everyone in each organization now, the largest first. An organization without a current number is not in here. ${ONE_REPLICA}`,
    )
      .colorScheme(fixedColor(EVERYONE))
      .targets(lettered(now(`sort_desc(${count('dingtalk_employees')})`, '{{organization}}')))
      .span(8)
      .height(9),
    countCourse(
      'All organizations together',
      `Everyone, and who of them has activated DingTalk, over all chosen organizations. It rises and falls with organizations that are added and removed. The line has a gap while an organization that had a number within the last seven days has none. ${ONE_REPLICA}`,
    )
      .targets(lettered(through(EVERYONE_TOTAL, 'people'), through(ACTIVE_TOTAL, 'active')))
      .overrideByName('people', colorOf(EVERYONE))
      .overrideByName('active', colorOf(ACTIVE))
      .span(16)
      .height(9),
  ],
};

const changeOver = (title: string, back: string, then: string) =>
  figures(
    title,
    `How many more (or, below zero, fewer) people there are than ${then}, in the organizations that have a number now and had one then: the last one known at that time, up to seven days further back. The people of an organization that was added in between did not join, and those of one that was removed did not leave: neither is counted. Needs that much history in Prometheus.`,
  )
    .colorScheme(byThreshold())
    .thresholds(signColors())
    .targets(
      lettered(
        now(`sum(${change('dingtalk_employees', back)})`, 'people'),
        now(`sum(${change('dingtalk_employees_active', back)})`, 'active'),
      ),
    )
    .span(8)
    .height(5);

/** How that changed over a day, a week and 30 days. */
export const changes: Room = {
  question: 'How did that change?',
  panels: () => [
    changeOver('Change over a day', '1d', 'a day ago'),
    changeOver('Change over a week', '7d', 'a week ago'),
    changeOver('Change over 30 days', '30d', '30 days ago'),
  ],
};

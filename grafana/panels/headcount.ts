import { change, known, marked, OLD, OLD_COUNT, sinceSuccess } from '../queries.ts';
import type { Row } from '../row.ts';
import {
  ACTIVE,
  bars,
  byThreshold,
  COLOR,
  colorOf,
  colorsFrom,
  countHistory,
  EVERYONE,
  figures,
  fixedColor,
  sheet,
  signColors,
} from '../style.ts';
import { type Column, columnTargets, joinedRows, lettered, now, through } from '../targets.ts';
import type { Texts } from '../texts/en.ts';

const PEOPLE = `sum(${known('dingtalk_employees')})`;
const ACTIVE_PEOPLE = `sum(${known('dingtalk_employees_active')})`;

const oldColumns = (texts: Texts): readonly Column[] => [
  { title: texts.columns.lastNumber, expr: `${known('dingtalk_employees')} and ${OLD}` },
  { title: texts.columns.age, expr: `${sinceSuccess()} and ${OLD}` },
  { title: texts.columns.allowedAge, expr: OLD },
];

/** How many people there are, in total and in each organization. */
export const headcount: Row = {
  title: 'headcount',
  panels: (texts) => [
    figures(texts.people, texts)
      .colorScheme(fixedColor(EVERYONE))
      .targets(lettered(now(PEOPLE, texts.series.people)))
      .span(6)
      .height(5),
    figures(texts.active, texts)
      .colorScheme(fixedColor(ACTIVE))
      .targets(lettered(now(ACTIVE_PEOPLE, texts.series.active)))
      .span(6)
      .height(5),
    figures(texts.notActive, texts)
      .colorScheme(fixedColor(COLOR.neutral))
      .targets(lettered(now(`${PEOPLE} - ${ACTIVE_PEOPLE}`, texts.notActive.title)))
      .span(6)
      .height(5),
    figures(texts.old, texts)
      .colorScheme(byThreshold())
      .thresholds(colorsFrom(COLOR.blue, [1, COLOR.orange]))
      .targets(lettered(now(OLD_COUNT, texts.old.title)))
      .span(6)
      .height(5),
    bars(texts.byOrganization, texts)
      .colorScheme(fixedColor(EVERYONE))
      .targets(
        lettered(
          now(`sort_desc(${marked('dingtalk_employees', ` (${texts.values.old})`)})`, '{{organization}}'),
        ),
      )
      .overrideByRegexp(`/ \\(${texts.values.old}\\)$/`, colorOf(COLOR.orange))
      .span(8)
      .height(9),
    countHistory(texts.total, texts)
      .targets(lettered(through(PEOPLE, texts.series.people), through(ACTIVE_PEOPLE, texts.series.active)))
      .overrideByName(texts.series.people, colorOf(EVERYONE))
      .overrideByName(texts.series.active, colorOf(ACTIVE))
      .span(10)
      .height(9),
    sheet(texts.oldOnes, texts, texts.columns.age)
      .noValue(texts.oldOnes.none)
      .targets(columnTargets(oldColumns(texts)))
      .transformations(joinedRows(oldColumns(texts), texts))
      .overrideByName(texts.columns.lastNumber, colorOf(COLOR.orange))
      .overrideByName(texts.columns.age, [{ id: 'unit', value: 's' }])
      .overrideByName(texts.columns.allowedAge, [{ id: 'unit', value: 's' }])
      .span(6)
      .height(9),
  ],
};

const changeOver = (texts: Texts, { title, since }: Texts['change1d'], back: string) =>
  figures({ title, description: texts.changeOver(since) }, texts)
    .colorScheme(byThreshold())
    .thresholds(signColors())
    .targets(
      lettered(
        now(`sum(${change('dingtalk_employees', back)})`, texts.series.people),
        now(`sum(${change('dingtalk_employees_active', back)})`, texts.series.active),
      ),
    )
    .span(8)
    .height(5);

/** How that changed over a day, a week and 30 days. */
export const changes: Row = {
  title: 'change',
  panels: (texts) => [
    changeOver(texts, texts.change1d, '1d'),
    changeOver(texts, texts.change7d, '7d'),
    changeOver(texts, texts.change30d, '30d'),
  ],
};

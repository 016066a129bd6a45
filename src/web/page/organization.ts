import type { OrganizationState } from '../../polling/organization-state.ts';
import { type Condition, conditionOf } from './condition.ts';
import { type Now, renderFailure } from './failure.ts';
import { type Html, html } from './html.ts';
import { renderSparkline } from './sparkline.ts';
import { formatAge, formatChange, formatDuration, formatNumber, formatShare, timeElement } from './text.ts';

/** The heads of the columns, in their order; on a phone they stand before the values. */
export const COLUMNS = {
  name: 'Organization',
  state: 'State',
  all: 'All',
  active: 'Active',
  activation: 'Activation',
  age: 'Age of the number',
  course: 'Recent course',
} as const;

const WORDS: Readonly<Record<Condition, string>> = {
  failing: 'Failing',
  outdated: 'Outdated',
  waiting: 'Waiting',
  well: 'Well',
};

/** A condition as a shape and a word, so that no color is needed to tell it. */
export function renderCondition(condition: Condition, count?: number): Html {
  const word =
    count === undefined ? WORDS[condition] : `${formatNumber(count)} ${WORDS[condition].toLowerCase()}`;
  return html`<span class="pill ${condition}"><svg class="icon" aria-hidden="true"><use href="#${condition}"/></svg>${word}</span>`;
}

/** Says that there is no value, also to those who listen. */
export const NOTHING = html`<span class="nothing" aria-hidden="true">–</span><span class="unseen">none</span>`;

/** The state in a few more words. */
function describeState(state: OrganizationState, condition: Condition): string {
  const interval = formatDuration(state.pollInterval);
  switch (condition) {
    case 'failing': {
      const reason = state.lastPoll?.failure?.reason ?? '';
      if (state.headcount !== undefined) return `${reason}, number still shown`;
      return state.lastSuccessAt === undefined ? `${reason}, no number yet` : `${reason}, number dropped`;
    }
    case 'outdated':
      return `number dropped at the age of ${formatDuration(state.maxStaleness)}; polled every ${interval}`;
    case 'waiting':
      return 'no poll has ended yet';
    case 'well':
      return `polled every ${interval}`;
  }
}

function renderAge(state: OrganizationState, now: Now): Html {
  const { headcount, lastSuccessAt } = state;
  if (headcount === undefined) return NOTHING;
  const exact = lastSuccessAt === undefined ? undefined : html` <small>${timeElement(lastSuccessAt)}</small>`;
  return html`${formatAge(now.monotonicTime - headcount.readAt)}${exact}`;
}

/** How the number of people changed between the first and the last success of the recent course. */
function describeChange(state: OrganizationState): string | undefined {
  const successes = Array.from(state.course).filter(({ employees }) => employees !== undefined);
  const first = successes[0];
  const last = successes.at(-1);
  if (first?.employees === undefined || last?.employees === undefined || first === last) return undefined;
  const change = last.employees - first.employees;
  const people = Math.abs(change) === 1 ? 'person' : 'people';
  return `${formatChange(change)} ${people} in ${formatDuration(last.at - first.at)}`;
}

function renderCourse(state: OrganizationState): Html {
  const sparkline = renderSparkline([...state.course]);
  if (sparkline === undefined) return html`<td class="course empty">${NOTHING}</td>`;
  const change = describeChange(state);
  return html`<td class="course">${sparkline}${change && html`<small>${change}</small>`}</td>`;
}

const numberCell = (column: 'all' | 'active' | 'activation', text: string | undefined): Html =>
  html`<td class="number ${column}" data-label="${COLUMNS[column]}">${text ?? NOTHING}</td>`;

/** An organization as a group of table rows: its numbers, and while it fails why and what to do. */
export function renderOrganization(state: OrganizationState, now: Now, telemetryPath: string): Html {
  const condition = conditionOf(state);
  const failure = state.lastPoll?.failure;
  const { headcount } = state;
  return html`<tbody class="${condition}">
<tr>
<th scope="row"><bdi>${state.name}</bdi></th>
<td class="state">${renderCondition(condition)} <small>${describeState(state, condition)}</small></td>
${numberCell('all', headcount && formatNumber(headcount.employees))}
${numberCell('active', headcount && formatNumber(headcount.active))}
${numberCell('activation', headcount && formatShare(headcount.active, headcount.employees))}
<td class="age" data-label="${COLUMNS.age}">${renderAge(state, now)}</td>
${renderCourse(state)}
</tr>
${
  failure &&
  html`<tr class="why"><td colspan="${Object.keys(COLUMNS).length}">${renderFailure(failure, state, now, telemetryPath)}</td></tr>
`
}</tbody>
`;
}

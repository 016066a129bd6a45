import type { OrganizationState } from '../../polling/organization-state.ts';
import { renderHistory } from './history.ts';
import { type Html, html } from './html.ts';
import type { Messages } from './language.ts';
import { renderStatus, STATUSES, statusOf } from './status.ts';
import type { PageView } from './view.ts';

/** Says that there is no value, also to a screen reader. */
export const renderNone = (text: Messages): Html =>
  html`<span class="none" aria-hidden="true">–</span><span class="unseen">${text.none}</span>`;

/** Failing ones first, then by name: a new array. */
export function byUrgency(organizations: readonly OrganizationState[]): OrganizationState[] {
  // For 10,000 names an Intl.Collator takes ten times as long as comparing prepared keys.
  return organizations
    .map((state) => ({ state, key: `${STATUSES.indexOf(statusOf(state))}${state.name.toLowerCase()}` }))
    .sort((one, other) => Number(one.key > other.key) - Number(one.key < other.key))
    .map(({ state }) => state);
}

const COLUMNS = [
  'organization',
  'state',
  'employees',
  'active',
  'activation',
  'read',
  'recentPolls',
] as const;

/** A row for each organization, in the given order. On a phone each row is a card. */
export function renderOrganizations(
  organizations: readonly OrganizationState[],
  view: PageView,
  text: Messages,
): Html {
  const heads = COLUMNS.map((column) => html`<th scope="col" class="${column}">${text[column]}</th>`);
  return html`<table>
<caption class="unseen">${text.tableCaption}</caption>
<thead><tr>${heads}</tr></thead>
<tbody>
${organizations.map((organization) => renderRow(organization, view, text))}</tbody>
</table>`;
}

function renderRow(state: OrganizationState, view: PageView, text: Messages): Html {
  const { name, headcount } = state;
  const number = (column: 'employees' | 'active' | 'activation', value: string | undefined): Html =>
    html`<td class="number ${column}" data-label="${text[column]}">${value ?? renderNone(text)}</td>`;
  const history = renderHistory(state.history, text);
  return html`<tr>
<th scope="row"><bdi>${name}</bdi></th>
<td class="state">${renderStatus(statusOf(state), text)} <small>${describeState(state, view, text)}</small></td>
${number('employees', headcount && text.number(headcount.employees))}
${number('active', headcount && text.number(headcount.active))}
${number('activation', headcount && text.share(headcount.active, headcount.employees))}
<td class="read" data-label="${text.read}">${renderRead(state, view, text)}</td>
<td class="history${history ? '' : ' empty'}">${history ?? renderNone(text)}</td>
</tr>
`;
}

function describeState(state: OrganizationState, { wallTime }: PageView, text: Messages): Html {
  const { lastPoll, failingSince = wallTime, pollInterval } = state;
  if (lastPoll === undefined) return text.notPolled;
  if (lastPoll.failure === undefined) return text.polledEvery(pollInterval);
  return text.failingFor(html`<code>${lastPoll.failure.reason}</code>`, wallTime - failingSince);
}

/** When the headcount was read; while polls fail, until when it is kept, or why there is none. */
function renderRead(state: OrganizationState, { monotonicTime, wallTime }: PageView, text: Messages): Html {
  const { headcount, lastPoll, lastSuccessAt, maxStaleness } = state;
  const isFailing = lastPoll?.failure !== undefined;
  if (headcount === undefined) {
    if (!isFailing) return renderNone(text);
    const why =
      lastSuccessAt === undefined ? text.neverRead : text.dropped(maxStaleness, wallTime - lastSuccessAt);
    return html`${renderNone(text)} <small>${why}</small>`;
  }
  const age = monotonicTime - headcount.readAt;
  const readAt = lastSuccessAt === undefined ? '' : text.time(lastSuccessAt);
  return html`${text.ago(age)} <small>${isFailing ? text.keptFor(maxStaleness - age) : readAt}</small>`;
}

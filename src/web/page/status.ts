import type { OrganizationState } from '../../polling/organization-state.ts';
import { type Html, html } from './html.ts';
import type { Messages } from './language.ts';

/** The outcome of the last poll; `waiting` before the first one has ended. */
export type Status = 'failing' | 'waiting' | 'ok';

/** The most urgent one first. */
export const STATUSES = ['failing', 'waiting', 'ok'] as const satisfies readonly Status[];

export function statusOf({ lastPoll }: OrganizationState): Status {
  if (lastPoll === undefined) return 'waiting';
  return lastPoll.failure === undefined ? 'ok' : 'failing';
}

/** The icons, drawn once in the page. */
export const ICONS = html`<svg class="unseen" aria-hidden="true">
<symbol id="ok" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="currentColor"/><path d="M4.8 8.3 7 10.5 11.3 6" fill="none" class="cut"/></symbol>
<symbol id="failing" viewBox="0 0 16 16"><path d="M8 1.2 15.4 14.4H.6Z" fill="currentColor" stroke="currentColor" stroke-linejoin="round"/><path d="M8 6v4M8 12.3v0" class="cut"/></symbol>
<symbol id="waiting" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6.2" fill="none" stroke="currentColor" stroke-width="1.6"/><path d="M8 4.6V8L10.4 9.6" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round"/></symbol>
</svg>`;

export const renderIcon = (status: Status): Html =>
  html`<svg class="icon" aria-hidden="true"><use href="#${status}"/></svg>`;

/** A status as an icon and a word, so that it does not rely on color. */
export function renderStatus(status: Status, text: Messages, count?: number): Html {
  const words = count === undefined ? text.statuses[status] : text.statusCounts[status](text.number(count));
  return html`<span class="pill ${status}">${renderIcon(status)}${words}</span>`;
}

import { type Html, html } from './html.ts';
import type { Messages } from './language.ts';
import { renderNone } from './organizations.ts';
import { renderIcon, renderStatus, STATUSES, statusOf } from './status.ts';
import type { PageView } from './view.ts';

/** The sums over all organizations, whose people they count, and how many organizations have which status. */
export function renderSummary({ organizations, monotonicTime }: PageView, text: Messages): Html {
  const headcounts = organizations.flatMap(({ headcount }) => headcount ?? []);
  const employees = headcounts.reduce((sum, headcount) => sum + headcount.employees, 0);
  const active = headcounts.reduce((sum, headcount) => sum + headcount.active, 0);
  const oldest = headcounts.reduce((earliest, { readAt }) => Math.min(earliest, readAt), monotonicTime);
  const counted = headcounts.length;
  const missing = organizations.length - counted;

  const figure = (name: string, kind: string, value: string | undefined): Html =>
    html`<div class="${kind}"><dt>${name}</dt><dd>${(counted > 0 && value) || renderNone(text)}</dd></div>`;
  const counts = STATUSES.flatMap((status) => {
    const count = organizations.filter((organization) => statusOf(organization) === status).length;
    return count === 0 ? [] : [html`${renderStatus(status, text, count)} `];
  });
  return html`<section class="summary" aria-label="${text.summary}">
<dl>${figure(text.employees, 'employees', text.number(employees))}${figure(text.active, 'active', text.number(active))}${figure(text.activation, 'activation', text.share(active, employees))}</dl>
<div><p class="counts">${counts}</p>
${counted === 0 ? undefined : html`<p>${text.sums(counted, text.ago(monotonicTime - oldest))}</p>`}
${missing === 0 ? undefined : html`<p class="missing">${renderIcon('failing')} ${text.missing(missing, organizations.length)}</p>`}</div>
</section>`;
}

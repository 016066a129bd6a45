import type { Failure } from '../../dingtalk/dingtalk-error.ts';
import type { OrganizationState } from '../../polling/organization-state.ts';
import { type Html, html, outside } from './html.ts';
import type { Messages } from './language.ts';
import { renderIcon } from './status.ts';
import type { PageView } from './view.ts';

/** Limits that keep the page small, however many organizations fail in however many ways. */
const CAUSE_LIMIT = 20;
const NAME_LIMIT = 100;
/** Characters. */
const TEXT_LIMIT = 600;
const CODE_LIMIT = 100;

/** Why polls fail, and of which organizations. */
interface Cause {
  readonly failure: Failure;
  readonly hint: string;
  /** One of the organizations, whose failure is shown. */
  readonly example: OrganizationState;
  readonly organizations: OrganizationState[];
}

/** Failures with the same reason, hint, host and codes have one cause. The one that concerns most comes first. */
function causesOf(organizations: readonly OrganizationState[], text: Messages): Cause[] {
  const causes = new Map<string, Cause>();
  for (const organization of organizations) {
    const failure = organization.lastPoll?.failure;
    if (failure === undefined) continue;
    const hint = text.hints[failure.hint](failure);
    const parts = [failure.reason, hint, failure.host, failure.errorCode, failure.subCode];
    // A code may be as long as a whole response.
    const key = parts.map((part) => part?.slice(0, TEXT_LIMIT)).join('\n');
    const cause = causes.get(key) ?? { failure, hint, example: organization, organizations: [] };
    cause.organizations.push(organization);
    causes.set(key, cause);
  }
  return [...causes.values()].sort((one, other) => other.organizations.length - one.organizations.length);
}

/** Each cause once, with what to do and the organizations that it concerns; undefined where none fails. */
export function renderFailures(
  organizations: readonly OrganizationState[],
  view: PageView,
  text: Messages,
): Html | undefined {
  const causes = causesOf(organizations, text);
  if (causes.length === 0) return undefined;
  return html`<section class="failures" aria-label="${text.failures}">
${causes.slice(0, CAUSE_LIMIT).map((cause) => renderCause(cause, view, text))}
${causes.length > CAUSE_LIMIT ? html`<p class="note">${text.furtherCauses}</p>` : ''}
</section>`;
}

function renderCause(cause: Cause, { wallTime }: PageView, text: Messages): Html {
  const { failure, hint, example, organizations } = cause;
  const isShared = organizations.length > 1;
  const names = organizations.slice(0, NAME_LIMIT).map(({ name }) => html`<li><bdi>${name}</bdi></li>`);
  const more = organizations.length - NAME_LIMIT;
  const since = Math.min(...organizations.map(({ failingSince = wallTime }) => failingSince));
  const moment = text.moment(text.time(since), wallTime - since);
  const row = (term: string, description: Html): Html =>
    html`<div><dt>${term}</dt><dd>${description}</dd></div>\n`;
  const rows = [
    row(text.whatToDo, html`<strong>${outside(hint, TEXT_LIMIT)}</strong>`),
    row(
      text.received,
      html`<span lang="en">${outside(failure.message, TEXT_LIMIT)}</span>${isShared ? html` <small>${text.example(html`<bdi>${example.name}</bdi>`)}</small>` : ''}`,
    ),
    failure.requestId === undefined
      ? []
      : row(text.requestId, html`<code>${outside(failure.requestId, CODE_LIMIT)}</code>`),
    row(
      text.failingSince,
      isShared ? text.sinceTheFirst(moment) : text.sinceOne(moment, example.pollFailures, example.polls),
    ),
  ].flat();
  return html`<article class="cause">
<h2>${renderIcon('failing')}<span>${text.reasons[failure.reason]}</span> <code>${failure.reason}</code>${isShared ? html` <small>${text.organizations(organizations.length)}</small>` : ''}</h2>
<ul>${names}${more > 0 ? html`<li>${text.more(more)}</li>` : ''}</ul>
<dl>
${rows}</dl>
</article>
`;
}

import type { OrganizationState } from '../../polling/organization-state.ts';
import { renderFailures } from './failures.ts';
import { type Html, html } from './html.ts';
import { type Language, languageOf, MESSAGES, type Messages } from './language.ts';
import { byUrgency, renderOrganizations } from './organizations.ts';
import { ICONS, statusOf } from './status.ts';
import { PAGE_STYLE } from './style.ts';
import { renderSummary } from './summary.ts';
import type { PageRequest, PageView } from './view.ts';

export { languageOf } from './language.ts';
export type { PageRequest, PageView } from './view.ts';

/** The maximum number of organizations on a page, which keeps it small. */
export const ORGANIZATION_LIMIT = 200;

/** Above this number of organizations there is a form to filter them. */
const FILTER_FROM = 20;
/** Characters: as long as a name may be. */
const FILTER_LIMIT = 128;

/** Milliseconds. */
const MINIMUM_RELOAD = 5_000;
const MAXIMUM_RELOAD = 60_000;

const LOGO = html`<svg xmlns="http://www.w3.org/2000/svg" class="logo" viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="8" fill="#1560bd"/><path d="M6 23h6v-6h7v-6h7" fill="none" stroke="#fff" stroke-width="3.4" stroke-linecap="round" stroke-linejoin="round"/></svg>`;
const FAVICON = `data:image/svg+xml,${encodeURIComponent(LOGO.text)}`;

/** What the languages call themselves. */
const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: 'English', 'zh-CN': '简体中文' };

/**
 * The page at `/`, a whole HTML document without script.
 *
 * Its Content-Security-Policy may forbid everything but the inline style `PAGE_STYLE`, images in `data:` URLs,
 * and a form that is sent to the page itself.
 */
export function renderPage(view: PageView, request: PageRequest): string {
  const language = languageOf(request);
  const text = MESSAGES[language];
  const filter = (request.filter ?? '').trim().slice(0, FILTER_LIMIT);
  const found = byUrgency(
    view.organizations.filter(({ name }) => name.toLowerCase().includes(filter.toLowerCase())),
  );
  const shown = found.slice(0, ORGANIZATION_LIMIT);
  const hasForm = filter !== '' || view.organizations.length > FILTER_FROM;
  const reload = reloadInterval(view.organizations, hasForm);

  const body = html`<body>
${ICONS}
${renderHeader(view, language, filter, text)}
<main>
${renderSummary(view, text)}
${renderFailures(found, view, text)}
<div class="tools">
${hasForm ? renderFilter(view, found.length, language, filter, text) : ''}
${shown.length > 0 ? renderLegend(text) : ''}
</div>
${shown.length > 0 ? renderOrganizations(shown, view, text) : ''}
${view.organizations.length === 0 ? html`<p class="note">${text.noOrganization}</p>` : ''}
${renderLeftOut(found, view, text)}
</main>
<footer>
<p>${text.asOf(text.time(view.wallTime), reload)}</p>
<p>${view.name} ${view.version} (${view.revision})${text.comma}${text.upSince(text.time(view.startedAt), view.wallTime - view.startedAt)}</p>
</footer>
</body>`;
  return `<!DOCTYPE html>
<html lang="${language}">
<head>
${renderHead(view, reload, text).text}
<style>${PAGE_STYLE}</style>
</head>
${body.text}
</html>
`;
}

/**
 * How often the page reloads itself, as it has no script: as often as the fastest organization is polled, and
 * soon while a first poll is awaited. With a form at most once a minute, as a reload empties it.
 */
function reloadInterval(organizations: readonly OrganizationState[], hasForm: boolean): number {
  if (hasForm) return MAXIMUM_RELOAD;
  const intervals = organizations.map(({ lastPoll, pollInterval }) =>
    lastPoll === undefined ? MINIMUM_RELOAD : pollInterval,
  );
  return Math.max(MINIMUM_RELOAD, Math.min(MAXIMUM_RELOAD, ...intervals));
}

function renderHead({ organizations }: PageView, reload: number, text: Messages): Html {
  const failing = organizations.filter((organization) => statusOf(organization) === 'failing').length;
  return html`<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<meta http-equiv="refresh" content="${Math.ceil(reload / 1_000)}">
<title>${failing === 0 ? text.title : text.failingTitle(failing, organizations.length)}</title>
<link rel="icon" href="${FAVICON}">`;
}

/** The links are named by their paths, as in the documentation. */
function renderHeader(
  { telemetryPath, demo }: PageView,
  language: Language,
  filter: string,
  text: Messages,
): Html {
  const links = [telemetryPath, '/-/healthy', '/-/ready'];
  const other = language === 'en' ? 'zh-CN' : 'en';
  const query = new URLSearchParams({ lang: other, ...(filter === '' ? {} : { q: filter }) });
  return html`<header>
<h1>${LOGO}${text.title}</h1>
${demo ? html`<p class="demo">${text.demo}</p>` : ''}
<nav aria-label="${text.links}"><ul>${links.map((path) => html`<li><a href="${path}">${path}</a></li>`)}<li><a href="?${query.toString()}" lang="${other}" hreflang="${other}">${LANGUAGE_NAMES[other]}</a></li></ul></nav>
</header>`;
}

function renderFilter(
  view: PageView,
  found: number,
  language: Language,
  filter: string,
  text: Messages,
): Html {
  const result = html`<p>${text.matching(found, view.organizations.length, html`<bdi>${filter}</bdi>`)} <a href="?lang=${language}">${text.showAll}</a></p>`;
  return html`<form role="search" method="get">
<input type="hidden" name="lang" value="${language}">
<label>${text.filterLabel} <input type="search" name="q" value="${filter}" maxlength="${FILTER_LIMIT}" dir="auto"></label>
<button>${text.filter}</button>
</form>
${filter === '' ? undefined : result}`;
}

/** What the lines of the drawings are. A screen reader gets the text beside each drawing instead. */
function renderLegend(text: Messages): Html {
  const key = (kind: string, name: string): Html =>
    html`<span><svg class="spark" viewBox="0 0 24 8"><path class="${kind}" d="M2 4H22"/></svg> ${name}</span> `;
  return html`<p class="legend" aria-hidden="true">${key('employees', text.employees)}${key('active', text.active)}${key('failed', text.pollFailed)}</p>`;
}

function renderLeftOut(
  found: readonly OrganizationState[],
  view: PageView,
  text: Messages,
): Html | undefined {
  const leftOut = found.slice(ORGANIZATION_LIMIT);
  if (leftOut.length === 0) return undefined;
  const failing = leftOut.filter((organization) => statusOf(organization) === 'failing').length;
  const metrics = html`<a href="${view.telemetryPath}">${view.telemetryPath}</a>`;
  return html`<p class="note">${text.leftOut(ORGANIZATION_LIMIT, leftOut.length, failing, metrics)}</p>`;
}

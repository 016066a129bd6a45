import type { OrganizationState } from '../../polling/organization-state.ts';
import { byUrgency, type Condition, type Totals, totalsOf } from './condition.ts';
import type { Now } from './failure.ts';
import { type Html, html } from './html.ts';
import { COLUMNS, NOTHING, renderCondition, renderOrganization } from './organization.ts';
import { PAGE_STYLE } from './style.ts';
import { formatAge, formatDuration, formatNumber, formatShare, timeElement } from './text.ts';

/** A link of the page's head: a text and where it leads. */
export interface PageLink {
  readonly text: string;
  readonly href: string;
}

/** All that the page shows. Times are milliseconds. */
export interface PageView extends Now {
  /** The program's own name, version and commit. */
  readonly name: string;
  readonly version: string;
  readonly revision: string;
  /** Where the metrics are served; the first link leads there. */
  readonly telemetryPath: string;
  /** The links after that one, such as health, readiness and documentation. */
  readonly links: readonly PageLink[];
  readonly organizations: readonly OrganizationState[];
  /** Wall clock: when the process started. */
  readonly startedAt: number;
}

/** How many organizations the page shows at the most, so that it stays small however many there are. */
export const ORGANIZATION_LIMIT = 200;

const SOONEST_RELOAD = 5_000;
const LATEST_RELOAD = 60_000;

/**
 * When the page loads itself anew (ms). Without script this is the only way in which a page on a wall keeps
 * true: as often as the fastest organization is polled, at once while a first poll is awaited, but at least
 * each minute, as the page speaks of ages in minutes.
 */
function reloadInterval(organizations: readonly OrganizationState[]): number {
  let interval = LATEST_RELOAD;
  for (const { lastPoll, pollInterval } of organizations) {
    interval = Math.min(interval, lastPoll === undefined ? SOONEST_RELOAD : pollInterval);
  }
  return Math.max(SOONEST_RELOAD, interval);
}

/** The shapes of the conditions, each drawn once and used in every row. */
const SHAPES = html`<svg class="unseen" aria-hidden="true">
<symbol id="well" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="currentColor"/><path d="M4.8 8.3 7 10.5 11.3 6" fill="none" class="cut"/></symbol>
<symbol id="failing" viewBox="0 0 16 16"><path d="M8 1.2 15.4 14.4H.6Z" fill="currentColor" stroke="currentColor" stroke-linejoin="round"/><path d="M8 6v4M8 12.3v0" class="cut"/></symbol>
<symbol id="waiting" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6.2" fill="none" stroke="currentColor" stroke-width="1.6"/><path d="M8 4.6V8L10.4 9.6" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round"/></symbol>
<symbol id="outdated" viewBox="0 0 16 16"><path d="M8 .8 15.2 8 8 15.2.8 8Z" fill="currentColor"/><path d="M8 4.8v3.6M8 10.9v0" class="cut"/></symbol>
</svg>`;

/** The sign of the exporter: a number that goes up in steps. */
const MARK = html`<svg xmlns="http://www.w3.org/2000/svg" class="mark" viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="8" fill="#1560bd"/><path d="M6 23h6v-6h7v-6h7" fill="none" stroke="#fff" stroke-width="3.4" stroke-linecap="round" stroke-linejoin="round"/></svg>`;
const FAVICON = `data:image/svg+xml,${encodeURIComponent(MARK.text)}`;

const CONDITIONS: readonly Condition[] = ['failing', 'outdated', 'waiting', 'well'];

const organizations = (count: number): string =>
  count === 1 ? '1 organization' : `${formatNumber(count)} organizations`;

/** What a browser's tab says: what is wrong comes first. */
function describeTitle({ conditions, organizations: all }: Totals): string {
  return conditions.failing === 0
    ? 'DingTalk headcount'
    : `${formatNumber(conditions.failing)} of ${formatNumber(all)} failing · DingTalk headcount`;
}

/** Whose people the sums count, and how old the oldest of the counts is. */
function describeSources({ counted, organizations: all, oldestReadAt }: Totals, now: Now): string {
  if (oldestReadAt === undefined) return 'No number is known at the moment.';
  const sources = counted === all ? organizations(all) : `${formatNumber(counted)} of ${organizations(all)}`;
  const age = formatAge(now.monotonicTime - oldestReadAt);
  return `From ${sources}, as reported by DingTalk; ${counted === 1 ? 'read' : 'the oldest number was read'} ${age}.`;
}

function renderSummary(totals: Totals, now: Now): Html {
  const known = totals.counted > 0;
  const figure = (name: string, kind: string, text: string | undefined): Html =>
    html`<div class="${kind}"><dt>${name}</dt><dd>${known && text !== undefined ? text : NOTHING}</dd></div>`;
  const tally = CONDITIONS.filter((condition) => totals.conditions[condition] > 0);
  return html`<section class="summary" aria-label="All organizations together">
<dl>${figure('People', 'all', formatNumber(totals.employees))}${figure('Active', 'active', formatNumber(totals.active))}${figure('Activation', 'activation', formatShare(totals.active, totals.employees))}</dl>
<div><p class="tally">${tally.map((condition) => html`${renderCondition(condition, totals.conditions[condition])} `)}</p>
<p>${describeSources(totals, now)}</p></div>
</section>`;
}

/** How many organizations are not on the page, and where they are. */
function renderLeftOut(totals: Totals, view: PageView): Html | undefined {
  const leftOut = totals.organizations - ORGANIZATION_LIMIT;
  if (leftOut <= 0) return undefined;
  const { failing } = totals.conditions;
  const failingLeftOut = failing - ORGANIZATION_LIMIT;
  const which = failingLeftOut > 0 ? ` (${formatNumber(failingLeftOut)} of them failing)` : '';
  return html`<p class="left-out">Here are ${formatNumber(ORGANIZATION_LIMIT)} of ${organizations(totals.organizations)}, the failing ones first. The other ${formatNumber(leftOut)}${which} are left out; <a href="${view.telemetryPath}">${view.telemetryPath}</a> has them all.</p>`;
}

function renderTable(view: PageView): Html {
  const shown = byUrgency(view.organizations).slice(0, ORGANIZATION_LIMIT);
  if (shown.length === 0) return html`<p class="left-out">No organization is configured.</p>`;
  const heads = Object.entries(COLUMNS).map(
    ([column, text]) => html`<th scope="col" class="${column}">${text}</th>`,
  );
  return html`<table>
<caption><span class="unseen">Headcount of each organization, those that fail first.</span>
<span class="legend">Course: <span class="key"><svg class="spark" aria-hidden="true" viewBox="0 0 24 8"><path class="all" d="M2 4H22"/></svg> all</span>
<span class="key"><svg class="spark" aria-hidden="true" viewBox="0 0 24 8"><path class="act" d="M2 4H22"/></svg> active</span>
<span class="key"><svg class="spark" aria-hidden="true" viewBox="0 0 24 8"><path class="out" d="M2 6H22"/></svg> polls failed</span></span></caption>
<thead><tr>${heads}</tr></thead>
${shown.map((state) => renderOrganization(state, view, view.telemetryPath))}</table>`;
}

/**
 * The page at `/`: all that is known, for people, as one HTML document without script. It holds one inline
 * style, `PAGE_STYLE`, and asks for nothing else but a picture in a `data:` URL, so a Content-Security-Policy
 * may forbid everything but these two.
 */
export function renderPage(view: PageView): string {
  const totals = totalsOf(view.organizations);
  const reload = reloadInterval(view.organizations);
  const links = [{ text: 'Metrics', href: view.telemetryPath }, ...view.links];
  const head = html`<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<meta http-equiv="refresh" content="${Math.ceil(reload / 1_000)}">
<title>${describeTitle(totals)}</title>
<link rel="icon" href="${FAVICON}">`;
  const body = html`<body>
${SHAPES}
<header>
<h1>${MARK}DingTalk headcount</h1>
<nav aria-label="Exporter"><ul>${links.map(({ text, href }) => html`<li><a href="${href}">${text}</a></li>`)}</ul></nav>
</header>
<main>
${renderSummary(totals, view)}
${renderTable(view)}
${renderLeftOut(totals, view)}
</main>
<footer>
<p>As of ${timeElement(view.wallTime)}; reloads every ${formatDuration(reload)}.</p>
<p>${view.name} ${view.version} (${view.revision}), up since ${timeElement(view.startedAt)} (${formatDuration(view.wallTime - view.startedAt)}).</p>
</footer>
</body>`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
${head.text}
<style>${PAGE_STYLE}</style>
</head>
${body.text}
</html>
`;
}

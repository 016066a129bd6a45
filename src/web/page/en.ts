import { HINTS, type HintContext, type HintId } from '../../dingtalk/hints.ts';
import type { Reason } from '../../dingtalk/reason.ts';
import { formatsOf } from './format.ts';
import { type Html, html } from './html.ts';
import type { Status } from './status.ts';

const formats = formatsOf('en-US', ' ');
const { number, difference, duration } = formats;

/** How long ago something was, by its age in milliseconds. */
const ago = (age: number): string => (age < 1_000 ? 'just now' : `${duration(age)} ago`);
const organizations = (count: number): string =>
  count === 1 ? '1 organization' : `${number(count)} organizations`;
const pollsFailed = (failed: number, all: number): string =>
  `${number(failed)} of ${all === 1 ? '1 poll' : `${number(all)} polls`} failed`;
const people = (count: number): string =>
  `${difference(count)} ${Math.abs(count) === 1 ? 'person' : 'people'}`;

const reasons: Record<Reason, string> = {
  timeout: 'The poll did not finish in time',
  network: 'DingTalk could not be reached',
  unavailable: 'DingTalk is not available at the moment',
  throttled: 'DingTalk throttles the calls',
  quota: 'The quota of calls is used up',
  credentials: 'The credentials are not accepted',
  permission: 'The app lacks a permission',
  rejected: 'DingTalk rejected the call',
  invalid_response: 'The response cannot be used',
};
const hints: Record<HintId, (context: HintContext) => string> = HINTS;
const statuses: Record<Status, string> = { failing: 'Failing', waiting: 'Waiting', ok: 'OK' };
const statusCounts: Record<Status, (count: string) => string> = {
  failing: (count) => `${count} failing`,
  waiting: (count) => `${count} waiting`,
  ok: (count) => `${count} OK`,
};

/** The page in English. */
export const en = {
  ...formats,
  ago,
  reasons,
  hints,
  statuses,
  statusCounts,

  title: 'DingTalk headcount',
  failingTitle: (failing: number, all: number): string =>
    `${number(failing)} of ${number(all)} failing · DingTalk headcount`,
  links: 'Exporter',
  demo: html`<strong>Demo</strong>: organizations and headcounts are simulated`,
  asOf: (time: Html, interval: number): Html =>
    html`As of ${time}. The page reloads every ${duration(interval)}.`,
  upSince: (time: Html, uptime: number): Html => html`up since ${time} (${duration(uptime)})`,

  summary: 'All organizations together',
  organization: 'Organization',
  state: 'State',
  employees: 'Employees',
  active: 'Active',
  activation: 'Activation',
  read: 'Read',
  recentPolls: 'Recent polls',
  none: 'none',
  sums: (counted: number, oldest: string): string =>
    `Sums of ${organizations(counted)}, as reported by DingTalk; the oldest headcount was read ${oldest}.`,
  missing: (missing: number, all: number): string =>
    `${number(missing)} of ${organizations(all)} ${missing === 1 ? 'is' : 'are'} missing from the sums: no headcount at the moment.`,

  failures: 'Failures',
  organizations,
  more: (count: number): string => `and ${number(count)} more`,
  comma: ', ',
  whatToDo: 'What to do',
  received: 'Received',
  example: (name: Html): Html => html`(${name}, as an example)`,
  requestId: 'Request ID',
  moment: (time: Html, age: number): Html => html`${time} (${ago(age)})`,
  failingSince: 'Failing since',
  sinceOne: (moment: Html, failed: number, all: number): Html =>
    html`${moment}, ${pollsFailed(failed, all)} since the start`,
  sinceTheFirst: (moment: Html): Html => html`${moment}, the earliest`,
  furtherCauses: 'Further causes are not listed. The table has the reason of each organization.',

  tableCaption: 'Headcount of each organization, failing ones first',
  pollFailed: 'Poll failed',
  filterLabel: 'Filter by name',
  filter: 'Filter',
  showAll: 'Show all',
  matching: (found: number, all: number, filter: Html): Html =>
    html`${number(found)} of ${organizations(all)} with “${filter}” in the name.`,
  noOrganization: 'No organization is configured.',
  leftOut: (shown: number, leftOut: number, failing: number, metrics: Html): Html => {
    const which = failing === 0 ? '' : `, ${number(failing)} of them failing,`;
    return html`The first ${number(shown)} are shown, failing ones first. ${number(leftOut)} more${which} can be found by name, and in ${metrics}.`;
  },

  notPolled: html`the first poll has not ended`,
  polledEvery: (interval: number): Html => html`polled every ${duration(interval)}`,
  failingFor: (reason: Html, time: number): Html => html`${reason} for ${duration(time)}`,
  keptFor: (time: number): Html => html`kept for ${duration(time)} more`,
  dropped: (maxStaleness: number, age: number): string =>
    `last read ${ago(age)}, dropped after ${duration(maxStaleness)}`,
  neverRead: 'never read',
  pollsFailed,
  change: (count: number, time: number): string =>
    `${count === 0 ? 'no change' : people(count)} in ${duration(time)}`,
};

import type { Failure } from '../../dingtalk/dingtalk-error.ts';
import { hintText } from '../../dingtalk/hints.ts';
import type { Reason } from '../../dingtalk/reason.ts';
import type { OrganizationState } from '../../polling/organization-state.ts';
import { type Html, html } from './html.ts';
import { clip, formatAge, formatDuration, formatNumber, timeElement } from './text.ts';

/** When the page is made: the wall clock for moments, the monotonic one for ages. Milliseconds. */
export interface Now {
  readonly wallTime: number;
  readonly monotonicTime: number;
}

/** How much of one text from outside is shown, in characters: an answer can be as long as it likes. */
const TEXT_LIMIT = 600;
const CODE_LIMIT = 100;

/** What the reason means, as a sentence. */
const REASON_TITLES: Readonly<Record<Reason, string>> = {
  timeout: 'DingTalk did not answer in time',
  network: 'DingTalk could not be reached',
  unavailable: 'DingTalk is not available at the moment',
  throttled: 'DingTalk slows the calls down',
  quota: 'The quota of calls is used up',
  credentials: 'The credentials do not work',
  permission: 'The app is not allowed to count',
  rejected: 'DingTalk rejected the call',
  invalid_response: 'The answer cannot be used',
};

/** Text from outside, cut to a bound and kept from turning round what stands beside it. */
const outside = (text: string, limit = TEXT_LIMIT): Html => html`<bdi>${clip(text, limit)}</bdi>`;

const row = (term: string, description: Html): Html =>
  html`<div><dt>${term}</dt><dd>${description}</dd></div>`;

/** What DingTalk itself said, as far as its answer had it. */
function renderAnswer(failure: Failure): Html | undefined {
  const code = (term: string, text: string | undefined): Html[] =>
    text === undefined ? [] : [html`${term} <code>${outside(text, CODE_LIMIT)}</code>`];
  const parts = [
    ...code('error code', failure.errorCode),
    ...code('sub-code', failure.subCode),
    // A message that quotes DingTalk's text says it already.
    ...(failure.errorMessage === undefined || failure.message.includes(failure.errorMessage)
      ? []
      : [html`message “${outside(failure.errorMessage)}”`]),
    ...code('request id', failure.requestId),
  ];
  if (parts.length === 0) return undefined;
  return html`${parts.map((part, index) => (index === 0 ? part : html`, ${part}`))}`;
}

/** A moment of the past, exact, and how long ago that was. */
function momentAndAge(moment: number, now: Now): Html {
  return html`${timeElement(moment)} (${formatAge(now.wallTime - moment)})`;
}

/** What became of the number while polls fail. */
function describeNumber(state: OrganizationState, now: Now, telemetryPath: string): Html {
  if (state.headcount !== undefined) {
    const age = now.monotonicTime - state.headcount.readAt;
    return html`Still shown, as it is ${formatDuration(age)} old. Unless a poll succeeds, it is dropped in ${formatDuration(state.maxStaleness - age)}.`;
  }
  if (state.lastSuccessAt !== undefined) {
    return html`Dropped at the age of ${formatDuration(state.maxStaleness)}. ${telemetryPath} shows no number until a poll succeeds.`;
  }
  return html`None has been read so far. ${telemetryPath} shows no number until a poll succeeds.`;
}

/** Why an organization fails, what mends it, since when, and what became of its number. */
export function renderFailure(
  failure: Failure,
  state: OrganizationState,
  now: Now,
  telemetryPath: string,
): Html {
  const answer = renderAnswer(failure);
  const { failingSince, lastSuccessAt } = state;
  const polls = `${formatNumber(state.pollFailures)} of ${formatNumber(state.polls)} polls failed since the start`;
  return html`<p class="what">${REASON_TITLES[failure.reason]}</p>
<dl>
${row('What to do', outside(hintText(failure)))}
${row('Received', outside(failure.message))}
${answer && row('DingTalk said', answer)}
${failingSince === undefined ? undefined : row('Failing since', html`${momentAndAge(failingSince, now)}, ${polls}`)}
${row('Last success', lastSuccessAt === undefined ? html`none` : momentAndAge(lastSuccessAt, now))}
${row('The number', describeNumber(state, now, telemetryPath))}
</dl>`;
}

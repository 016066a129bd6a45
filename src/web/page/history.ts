import type { HistoryPoint } from '../../polling/organization-state.ts';
import { type Html, html } from './html.ts';
import type { Messages } from './language.ts';

/** Units of the drawing, which the style stretches to the width of its column. */
const WIDTH = 200;
const HEIGHT = 40;
const LEFT = 3;
const RIGHT = WIDTH - 3;
/** The middle of each lane. */
const LANES = { employees: 9, active: 26, failed: 38 };
const LANE_HEIGHT = 13;
/** The minimum span of a lane, in people and as a share, so that a change of 1 in 1,000 looks small. */
const MINIMUM_SPAN = 4;
const MINIMUM_SPAN_SHARE = 0.02;

const round = (value: number): number => Math.round(value * 10) / 10;

/** Milliseconds since the oldest poll; a wall clock that was set back adds nothing. */
function elapsedTimes(points: readonly HistoryPoint[]): number[] {
  const start = points[0]?.at ?? 0;
  let latest = start;
  return points.map(({ at }) => {
    latest = Math.max(latest, at);
    return latest - start;
  });
}

/** A stepped line: a value holds until the next poll. Where there is none, the line has a gap. */
function steps(positions: readonly number[], heights: readonly (number | undefined)[]): string {
  let path = '';
  let current: number | undefined;
  heights.forEach((height, index) => {
    const x = positions[index];
    if (height === undefined) path += current === undefined ? '' : `H${x}`;
    else if (current === undefined) path += `M${x} ${height}`;
    else if (height !== current) path += `H${x}V${height}`;
    current = height;
  });
  return current === undefined ? path : `${path}H${RIGHT}`;
}

/**
 * The recent polls: a drawing, the minimum and maximum of each count beside it, and below it how the number of
 * people changed and how many polls failed. Each count has its own lane, but both have the same scale, so their
 * changes can be compared. Undefined before the first poll has ended.
 *
 * @param points oldest first; the size of the result is bounded by their number
 */
export function renderHistory(points: readonly HistoryPoint[], text: Messages): Html | undefined {
  if (points.length === 0) return undefined;
  const times = elapsedTimes(points);
  const span = times.at(-1) ?? 0;
  const positions = times.map((time) => (span === 0 ? RIGHT : round(LEFT + (time / span) * (RIGHT - LEFT))));
  const lines = (['employees', 'active'] as const).map((count) => {
    const values = points.map((point) => point[count]);
    const known = values.flatMap((value) => value ?? []);
    return { count, values, lowest: Math.min(...known), highest: Math.max(...known) };
  });
  const people = Math.max(
    MINIMUM_SPAN,
    ...lines.map(({ lowest, highest }) => Math.max(highest - lowest, highest * MINIMUM_SPAN_SHARE)),
  );
  const failures = points.map(({ employees }) => (employees === undefined ? LANES.failed : undefined));
  const failed = failures.filter((height) => height !== undefined).length;
  const isKnown = failed < points.length;

  const drawn = lines.map(({ count, values, lowest, highest }) => {
    const middle = (lowest + highest) / 2;
    const heights = values.map((value) =>
      value === undefined ? undefined : round(LANES[count] - ((value - middle) / people) * LANE_HEIGHT),
    );
    const latest = heights.at(-1);
    const dot = latest === undefined ? '' : html`<path class="${count} dot" d="M${RIGHT} ${latest}h0"/>`;
    return html`<path class="${count}" d="${steps(positions, heights)}"/>${dot}`;
  });
  const ranges = lines.map(({ count, lowest, highest }) => {
    const range = lowest === highest ? text.number(lowest) : `${text.number(lowest)}–${text.number(highest)}`;
    return html`<span class="${count}"><span class="unseen">${text[count]}</span> ${range}</span>`;
  });
  return html`<div class="drawing"><svg class="spark" aria-hidden="true" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none">${failed > 0 ? html`<path class="failed" d="${steps(positions, failures)}"/>` : ''}${isKnown ? drawn : ''}</svg>
<span class="ranges">${isKnown ? ranges : ''}</span>
<small>${describeChange(points, text)}</small>${failed > 0 ? html` <small>${text.pollsFailed(failed, points.length)}</small>` : ''}</div>`;
}

/** How the number of people changed between the first and the last success. */
function describeChange(points: readonly HistoryPoint[], text: Messages): string | undefined {
  const successes = points.filter(({ employees }) => employees !== undefined);
  const [first] = successes;
  const last = successes.at(-1);
  if (first?.employees === undefined || last?.employees === undefined || first === last) return undefined;
  return text.change(last.employees - first.employees, last.at - first.at);
}

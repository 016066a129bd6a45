import type { CoursePoint } from '../../polling/organization-state.ts';
import { type Html, html } from './html.ts';
import { formatDuration, formatNumber } from './text.ts';

/** The drawing's own units; the style stretches it to the place it has. */
const WIDTH = 200;
const HEIGHT = 40;
const LEFT = 3;
const RIGHT = WIDTH - 3;
/** The middles of the three lanes: everyone above, the active ones below, outages at the bottom. */
const ALL_LANE = 9;
const ACTIVE_LANE = 26;
const OUTAGE_LANE = 38;
/** How high a lane of counts is. */
const LANE_HEIGHT = 13;
/** What a lane spans at the least, so that one person of a thousand does not look like a landslide. */
const LEAST_SPAN = 4;
const LEAST_SPAN_SHARE = 0.02;

type Scale = (value: number) => number;

/** A poll that succeeded, at its place in the drawing. */
interface Reading {
  readonly x: number;
  /** Where the next poll ended: a count stands until then. */
  readonly until: number;
  readonly employees: number;
  readonly active: number;
}

/** Polls of one outcome, one after the other. */
type Stretch =
  | { readonly kind: 'read'; readonly readings: Reading[] }
  | { readonly kind: 'failed'; readonly from: number; until: number };

const round = (value: number): number => Math.round(value * 10) / 10;

/**
 * The moments of the polls. A wall clock that was set back makes no line run backwards: time stands still
 * until it has caught up.
 */
function forwardMoments(course: readonly CoursePoint[]): number[] {
  let latest = Number.NEGATIVE_INFINITY;
  return course.map(({ at }) => {
    latest = Math.max(latest, at);
    return latest;
  });
}

/** Time runs from the first poll at the left to the last one at the right; a single one stands at the right. */
function timeScale(first: number, last: number): Scale {
  if (last <= first) return () => RIGHT;
  return (at) => round(LEFT + ((at - first) / (last - first)) * (RIGHT - LEFT));
}

interface Extent {
  readonly lowest: number;
  readonly highest: number;
}

const extentOf = (counts: readonly number[]): Extent => ({
  lowest: Math.min(...counts),
  highest: Math.max(...counts),
});

/** The counts of a lane, its middle at the middle of what they reached. */
function countScale({ lowest, highest }: Extent, lane: number, span: number): Scale {
  const middle = (lowest + highest) / 2;
  return (count) => round(lane - ((count - middle) / span) * LANE_HEIGHT);
}

function stretches(course: readonly CoursePoint[]): Stretch[] {
  const moments = forwardMoments(course);
  const scale = timeScale(moments[0] ?? 0, moments.at(-1) ?? 0);
  const found: Stretch[] = [];
  course.forEach(({ at, employees, active }, index) => {
    const x = scale(moments[index] ?? at);
    const until = scale(moments[index + 1] ?? moments[index] ?? at);
    const open = found.at(-1);
    if (employees === undefined || active === undefined) {
      if (open?.kind === 'failed') open.until = until;
      else found.push({ kind: 'failed', from: x, until });
      return;
    }
    const reading = { x, until, employees, active };
    if (open?.kind === 'read') open.readings.push(reading);
    else found.push({ kind: 'read', readings: [reading] });
  });
  return found;
}

/** Steps: a count stands until the next poll ends. Counts that do not change add nothing to the path. */
function steps(readings: readonly Reading[], count: (reading: Reading) => number, scale: Scale): string {
  let path = '';
  let height: number | undefined;
  for (const reading of readings) {
    const y = scale(count(reading));
    if (height === undefined) path = `M${reading.x} ${y}`;
    else if (y !== height) path += `H${reading.x}V${y}`;
    height = y;
  }
  return `${path}H${readings.at(-1)?.until ?? RIGHT}`;
}

/** What a count did, in words. */
function describeCounts(name: string, counts: readonly number[], { lowest, highest }: Extent): string {
  const first = counts[0];
  const last = counts.at(-1);
  if (first === undefined || last === undefined) return '';
  return ` ${name}: first ${formatNumber(first)}, last ${formatNumber(last)}, lowest ${formatNumber(lowest)}, highest ${formatNumber(highest)}.`;
}

function describePolls(course: readonly CoursePoint[], failed: number): string {
  const moments = forwardMoments(course);
  const span = (moments.at(-1) ?? 0) - (moments[0] ?? 0);
  const polls =
    course.length === 1 ? '1 poll' : `${formatNumber(course.length)} polls in ${formatDuration(span)}`;
  return failed === 0 ? `${polls}, none failed.` : `${polls}, ${formatNumber(failed)} failed.`;
}

/**
 * The recent course as a small inline drawing, with its first, last, lowest and highest counts in words as
 * its title: both counts as steps, a gap and a mark at the bottom where polls failed, a dot on the latest
 * count. Everyone and the active ones have a lane each: their heights cannot be compared, but their changes
 * can, as a person is as high in both. Undefined where no poll has ended yet. Its size is bounded by the
 * course's.
 */
export function renderSparkline(course: readonly CoursePoint[]): Html | undefined {
  if (course.length === 0) return undefined;
  const found = stretches(course);
  const runs = found.flatMap((stretch) => (stretch.kind === 'read' ? [stretch.readings] : []));
  const outages = found.flatMap((stretch) =>
    stretch.kind === 'failed' ? [`M${stretch.from} ${OUTAGE_LANE}H${stretch.until}`] : [],
  );
  const everyone = runs.flat().map(({ employees }) => employees);
  const active = runs.flat().map((reading) => reading.active);
  const extents = { all: extentOf(everyone), active: extentOf(active) };
  const span = Math.max(
    LEAST_SPAN,
    extents.all.highest * LEAST_SPAN_SHARE,
    extents.all.highest - extents.all.lowest,
    extents.active.highest - extents.active.lowest,
  );
  const last = found.at(-1);
  const latest = last?.kind === 'read' ? last.readings.at(-1) : undefined;

  const path = (kind: string, parts: readonly string[]): Html | undefined =>
    parts.length === 0 ? undefined : html`<path class="${kind}" d="${parts.join('')}"/>`;
  const lane = (kind: string, scale: Scale, count: (reading: Reading) => number): Html =>
    html`${path(
      kind,
      runs.map((readings) => steps(readings, count, scale)),
    )}${latest && path(`${kind} dot`, [`M${latest.x} ${scale(count(latest))}h0`])}`;

  const title =
    describePolls(course, course.length - everyone.length) +
    describeCounts('All', everyone, extents.all) +
    describeCounts('Active', active, extents.active);
  return html`<svg class="spark" role="img" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none"><title>${title}</title>${path('out', outages)}${lane('all', countScale(extents.all, ALL_LANE, span), ({ employees }) => employees)}${lane('act', countScale(extents.active, ACTIVE_LANE, span), (reading) => reading.active)}</svg>`;
}

/**
 * The text of the page's one `<style>`. A Content-Security-Policy allows it by its hash, so the page must hold
 * it to the byte. Sizes are in rem: on a wall the root grows, and everything with it. `bdi` is a box of its own,
 * as an isolate that a hostile name leaves open would otherwise turn round what follows.
 */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f4f6f8; --card: #fff; --ink: #17202b; --soft: #566272; --line: #dfe4ea;
  --all: #76869a; --active: #1560bd; --link: #1257ad;
  --well: #0b6842; --well-ground: #e2f3ea;
  --failing: #a8231a; --failing-ground: #fdeae7;
  --waiting: #505d6e; --waiting-ground: #e9edf2;
  --outdated: #7f4d00; --outdated-ground: #fbefd5;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0e131a; --card: #161d26; --ink: #e8edf3; --soft: #a0adbc; --line: #2a3441;
    --all: #8797aa; --active: #6db3ff; --link: #8cc2ff;
    --well: #74dba8; --well-ground: #12301f;
    --failing: #ffa69b; --failing-ground: #3b1a18;
    --waiting: #b6c2d0; --waiting-ground: #232d39;
    --outdated: #f2c477; --outdated-ground: #372709;
  }
}
@media (min-width: 112.5rem) { html { font-size: calc(50% + .84vw); } }
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 1rem/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans CJK SC", "WenQuanYi Micro Hei", sans-serif;
}
header, main, footer { max-width: 78rem; margin: 0 auto; padding: 0 1.5rem; overflow-wrap: anywhere; }
header { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .5rem 2rem; padding-top: 1.75rem; }
h1 { display: flex; align-items: center; gap: .6rem; margin: 0; font-size: 1.375rem; font-weight: 650; letter-spacing: -.01em; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: 0; padding: 0; list-style: none; }
a { color: var(--link); text-underline-offset: .2em; text-decoration-thickness: .06em; }
a:focus-visible { outline: .15rem solid; outline-offset: .15rem; border-radius: .15rem; }
p { margin: 0; }
dl, dd { margin: 0; }
bdi { display: inline-block; max-width: 100%; }
th bdi { display: block; }
small { display: block; color: var(--soft); font-size: .8125rem; }
.nothing { color: var(--soft); font-weight: 400; }
.mark { flex: none; width: 1.75rem; height: 1.75rem; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.summary { display: flex; flex-wrap: wrap; align-items: end; justify-content: space-between; gap: 1rem 3rem; margin: 1.25rem 0 1.75rem; }
.summary dl { display: flex; flex-wrap: wrap; gap: .5rem 2.5rem; }
.summary dt, .summary p { color: var(--soft); }
.summary dd { font-size: 2.5rem; font-weight: 600; line-height: 1.1; letter-spacing: -.02em; font-variant-numeric: tabular-nums; }
.summary .active dd { color: var(--active); }
.tally { display: flex; flex-wrap: wrap; gap: .5rem; margin-bottom: .5rem; }
.pill { display: inline-flex; align-items: center; gap: .4em; padding: .1rem .65rem .1rem .45rem; border-radius: 1rem; font-weight: 600; white-space: nowrap; }
.icon { width: 1em; height: 1em; }
.pill.well { color: var(--well); background: var(--well-ground); --behind: var(--well-ground); }
.pill.failing { color: var(--failing); background: var(--failing-ground); --behind: var(--failing-ground); }
.pill.waiting { color: var(--waiting); background: var(--waiting-ground); --behind: var(--waiting-ground); }
.pill.outdated { color: var(--outdated); background: var(--outdated-ground); --behind: var(--outdated-ground); }
.cut { stroke: var(--behind); stroke-width: 1.9; stroke-linecap: round; stroke-linejoin: round; }
table { width: 100%; table-layout: fixed; border-collapse: separate; border-spacing: 0; background: var(--card); border: 1px solid var(--line); border-radius: .75rem; }
caption { padding: 0 .25rem .5rem; text-align: end; color: var(--soft); font-size: .875rem; }
.key { margin-inline-start: .75rem; white-space: nowrap; }
.key .spark { display: inline-block; width: 1.5rem; height: .5rem; }
th, td { padding: .75rem; text-align: start; vertical-align: baseline; font-weight: 400; border-top: 1px solid var(--line); }
thead th { border: 0; padding-block: .6rem; color: var(--soft); font-size: .875rem; white-space: nowrap; }
th:first-child, .why td { padding-inline-start: 1.25rem; }
td:last-child { padding-inline-end: 1.25rem; }
thead .name { width: 20%; }
thead .state { width: 19%; }
thead .all, thead .active { width: 8.5%; }
thead .activation { width: 9.5%; }
thead .age { width: 17.5%; }
thead .all, thead .active, thead .activation { text-align: end; }
tbody th { font-weight: 600; font-size: 1.0625rem; }
.state .pill { margin-inline-start: -.1rem; }
.number { text-align: end; font-size: 1.125rem; font-variant-numeric: tabular-nums; }
.number.active { color: var(--active); font-weight: 600; }
.age { padding-inline-start: 1.5rem; font-variant-numeric: tabular-nums; }
.course:not(.empty) { vertical-align: top; }
.course small { text-align: end; font-variant-numeric: tabular-nums; }
.spark { display: block; width: 100%; height: 2.75rem; overflow: visible; fill: none; stroke-linecap: round; stroke-linejoin: round; }
.spark path { vector-effect: non-scaling-stroke; }
.spark .all { stroke: var(--all); stroke-width: .09375rem; }
.spark .act { stroke: var(--active); stroke-width: .15625rem; }
.spark .out { stroke: var(--failing); stroke-width: .25rem; }
.spark .all.dot { stroke-width: .3125rem; }
.spark .act.dot { stroke-width: .4375rem; }
.why td { padding-top: 0; border: 0; }
.what { font-weight: 600; color: var(--failing); }
.why td > * { padding-inline-start: 1rem; border-inline-start: .1875rem solid var(--failing); }
.why .what { padding-bottom: .35rem; }
.why dl { display: grid; gap: .25rem; }
.why dl div { display: grid; grid-template-columns: 8rem minmax(0, 1fr); gap: 0 1rem; }
.why dt { color: var(--soft); }
.why dl div:first-child dd { font-weight: 600; }
code { font: .9375em ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.left-out { margin: 1rem .25rem 0; }
footer { padding-block: 1.5rem 2rem; color: var(--soft); font-size: .875rem; }
@media screen and (max-width: 63.99rem) {
  header, main, footer { padding-inline: 1rem; }
  table, caption, tbody { display: block; }
  table { background: none; border: 0; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  caption { text-align: start; }
  tbody { margin-bottom: .75rem; padding: 1rem; background: var(--card); border: 1px solid var(--line); border-radius: .75rem; }
  tr { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: .75rem; }
  tr.why { display: block; }
  th, td, th:first-child, td:last-child, .why td { display: block; padding: 0; border: 0; }
  .course.empty { display: none; }
  .summary dl { gap: .5rem 1.25rem; }
  .summary dd { font-size: 1.75rem; }
  .key { margin-inline: 0 .75rem; }
  tbody th, .state, .course { grid-column: 1 / -1; }
  .course { order: 1; }
  .age { order: 2; grid-column: 1 / -1; padding: 0; }
  .number { text-align: start; font-size: 1.25rem; line-height: 1.25; }
  [data-label]::before { content: attr(data-label); display: block; color: var(--soft); font-size: .8125rem; font-weight: 400; }
  .age, .age::before, .state { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 .5rem; }
  .why td { margin-top: 1rem; }
  .why dl div { grid-template-columns: minmax(0, 1fr); margin-bottom: .35rem; }
}
@media print {
  :root { color-scheme: light; --ground: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #bbb; --all: #76869a; --active: #1560bd; --link: #000; --well: #0b6842; --well-ground: #fff; --failing: #a8231a; --failing-ground: #fff; --waiting: #444; --waiting-ground: #fff; --outdated: #7f4d00; --outdated-ground: #fff; }
  html { font-size: 11px; }
  nav { display: none; }
  tbody { break-inside: avoid; }
}
`;

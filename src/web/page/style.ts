/**
 * The text of the page's one `<style>`: a Content-Security-Policy allows it by its hash. Sizes are in rem, and
 * the root grows on large screens. `bdi` is a box, so that an isolate left open inside ends with it.
 */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --page: #f4f6f8; --card: #fff; --text: #17202b; --soft: #566272; --line: #dfe4ea;
  --employees: #76869a; --active: #1560bd; --link: #1257ad;
  --ok: #0b6842; --ok-back: #e2f3ea;
  --failing: #a8231a; --failing-back: #fdeae7;
  --waiting: #505d6e; --waiting-back: #e9edf2;
  --notice: #7a4b00; --notice-back: #fbefd5;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0e131a; --card: #161d26; --text: #e8edf3; --soft: #a0adbc; --line: #2a3441;
    --employees: #8797aa; --active: #6db3ff; --link: #8cc2ff;
    --ok: #74dba8; --ok-back: #12301f;
    --failing: #ffa69b; --failing-back: #3b1a18;
    --waiting: #b6c2d0; --waiting-back: #232d39;
    --notice: #f2c477; --notice-back: #372709;
  }
}
@media (min-width: 112.5rem) { html { font-size: calc(50% + .84vw); } }
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--text); overflow-wrap: anywhere;
  font: 1rem/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans CJK SC", "WenQuanYi Micro Hei", sans-serif;
}
header, main, footer { max-width: 80rem; margin: 0 auto; padding: 0 1.5rem; }
p, dl, dd { margin: 0; }
a { color: var(--link); text-underline-offset: .2em; text-decoration-thickness: .06em; }
a:focus-visible, input:focus-visible, button:focus-visible { outline: .15rem solid var(--link); outline-offset: .1rem; border-radius: .2rem; }
bdi { display: inline-block; max-width: 100%; }
th bdi { display: block; }
code { font: .9375em ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
small { display: block; color: var(--soft); font-size: .8125rem; }
.icon { flex: none; width: 1em; height: 1em; }
.cut { stroke: var(--back); stroke-width: 1.9; stroke-linecap: round; stroke-linejoin: round; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.none { color: var(--soft); font-weight: 400; }
header { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem 1.25rem; padding-top: 1.75rem; }
h1 { display: flex; align-items: center; gap: .6rem; margin: 0; font-size: 1.375rem; font-weight: 650; }
.logo { flex: none; width: 1.75rem; height: 1.75rem; }
.demo { padding: .1rem .75rem; border-radius: 1rem; background: var(--notice-back); color: var(--notice); }
nav { margin-inline-start: auto; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: 0; padding: 0; list-style: none; }
.summary { display: flex; flex-wrap: wrap; align-items: end; gap: 1rem 3.5rem; margin: 1.5rem 0; }
.summary > div { flex: 1 1 24rem; }
.summary dl { display: flex; flex-wrap: wrap; gap: .5rem 2.5rem; }
.summary dt, .summary p { color: var(--soft); }
.summary dd { font-size: 2.5rem; font-weight: 600; line-height: 1.1; font-variant-numeric: tabular-nums; }
.summary .active dd { color: var(--active); }
.counts { display: flex; flex-wrap: wrap; gap: .5rem; margin-bottom: .4rem; }
.summary .missing { color: var(--notice); --back: var(--page); }
.missing .icon { vertical-align: -.1em; }
.pill { display: inline-flex; align-items: center; gap: .4em; padding: .1rem .65rem .1rem .45rem; border-radius: 1rem; font-weight: 600; white-space: nowrap; background: var(--back); }
.pill.ok { color: var(--ok); --back: var(--ok-back); }
.pill.failing { color: var(--failing); --back: var(--failing-back); }
.pill.waiting { color: var(--waiting); --back: var(--waiting-back); }
.cause { margin-bottom: 1rem; padding: 1rem 1.25rem; background: var(--card); border: 1px solid var(--line); border-inline-start: .25rem solid var(--failing); border-radius: .5rem; }
.cause h2 { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem .5rem; margin: 0; color: var(--failing); --back: var(--card); font-size: 1.0625rem; }
.cause h2 code { padding: 0 .4rem; border-radius: .25rem; background: var(--failing-back); font-size: .875rem; font-weight: 400; }
.cause ul { display: flex; flex-wrap: wrap; gap: .35rem; margin: .5rem 0 .75rem; padding: 0; list-style: none; }
.cause li { padding: 0 .5rem; border-radius: .25rem; background: var(--page); }
.cause li:only-child { font-weight: 600; }
.cause dl { display: grid; gap: .25rem; }
.cause dl div { display: grid; grid-template-columns: 8.5rem minmax(0, 1fr); gap: 0 1rem; }
.cause strong bdi::first-letter { text-transform: uppercase; }
.cause dt { color: var(--soft); }
.tools { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem 1.5rem; margin: 1.5rem 0 .5rem; }
form { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem; }
label { display: flex; align-items: center; gap: .5rem; }
input, button { padding: .3rem .6rem; border: 1px solid var(--soft); border-radius: .375rem; background: var(--card); color: inherit; font: inherit; }
button { cursor: pointer; }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1rem; margin-inline-start: auto; color: var(--soft); font-size: .875rem; }
.legend .spark { display: inline-block; width: 1.5rem; height: .5rem; }
table { width: 100%; table-layout: fixed; border-collapse: separate; border-spacing: 0; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; }
th, td { padding: .65rem .5rem; text-align: start; vertical-align: baseline; font-weight: 400; border-top: 1px solid var(--line); }
thead th { border: 0; padding-block: .6rem; color: var(--soft); font-size: .875rem; }
th:first-child { padding-inline-start: 1.25rem; }
td:last-child, thead th:last-child { padding-inline-end: 1.25rem; }
thead .organization, thead .state { width: 18%; }
thead .employees, thead .active, thead .activation { width: 9%; text-align: end; }
thead .read { width: 17%; }
thead .read, td.read { padding-inline-start: 1.75rem; }
tbody th { font-weight: 600; font-size: 1.0625rem; }
.number { text-align: end; font-size: 1.125rem; font-variant-numeric: tabular-nums; }
td.active { color: var(--active); font-weight: 600; }
.history:not(.empty) { vertical-align: top; }
.drawing { display: grid; grid-template-columns: minmax(0, 1fr) minmax(4.5rem, auto); gap: 0 .6rem; }
.drawing small { grid-column: 1 / -1; }
.ranges { display: flex; flex-direction: column; justify-content: space-evenly; font-size: .75rem; line-height: 1.2; font-variant-numeric: tabular-nums; white-space: nowrap; }
.ranges .employees { color: var(--soft); }
.ranges .active { color: var(--active); }
.spark { display: block; width: 100%; height: 2.75rem; overflow: visible; fill: none; stroke-linecap: round; stroke-linejoin: round; }
.spark path { vector-effect: non-scaling-stroke; }
.spark .employees { stroke: var(--employees); stroke-width: .09375rem; }
.spark .active { stroke: var(--active); stroke-width: .15625rem; }
.spark .failed { stroke: var(--failing); stroke-width: .25rem; }
.spark .employees.dot { stroke-width: .3125rem; }
.spark .active.dot { stroke-width: .4375rem; }
.note { margin: 1rem 0; color: var(--soft); }
footer { padding-block: 1.5rem 2rem; color: var(--soft); font-size: .875rem; }
@media (max-width: 63.99rem) {
  header, main, footer { padding-inline: 1rem; }
  nav { margin-inline-start: 0; }
  .summary dl { gap: .5rem 1.25rem; }
  .summary dd { font-size: 1.75rem; }
  .legend { margin-inline-start: 0; }
  form { flex-wrap: nowrap; align-items: end; width: 100%; }
  label, input { flex: 1; min-width: 0; }
  .cause dl div { grid-template-columns: minmax(0, 1fr); margin-bottom: .35rem; }
  table, tbody { display: block; background: none; border: 0; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tr { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: .75rem; margin-bottom: .75rem; padding: 1rem; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; }
  tbody th, tbody td, tbody th:first-child, td:last-child, td.read { padding: 0; border: 0; }
  tbody th, td.state, td.history, td.read { grid-column: 1 / -1; }
  .number { text-align: start; font-size: 1.25rem; line-height: 1.25; }
  [data-label]::before { content: attr(data-label); display: block; color: var(--soft); font-size: .8125rem; font-weight: 400; }
  .history.empty { display: none; }
  td.read, td.state { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 .5rem; }
}
`;

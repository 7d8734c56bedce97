// The matrix: a row for each scenario, its agreement first, then a cell for each runtime.

import { html, nothing } from "lit-html";
import { ref } from "lit-html/directives/ref.js";
import { repeat } from "lit-html/directives/repeat.js";
import { agreementWord, isUnexpected, report } from "./data.js";
import { filter, parse, problem } from "./query.js";
import { current, link, replace } from "./route.js";

const marks = { pass: "✓", xfail: "≈", skipped: "–", unavailable: "∅", "not-run": "∅", crashed: "✗", "timed-out": "◷", flaky: "?" };

/** More rows than these are not all in the page at once: a browser takes too long for them. */
const all = 2500;

/** How many are at first, then, and how many more each time that the end is reached. */
const step = 500;

let [most, mostOf] = [step, ""];

const time = cell => cell?.times?.reduce((sum, ms) => sum + (ms ?? 0), 0) ?? -1;

const orders = {
  module: (a, b) => a.index - b.index,
  agreement: (a, b) => agreementRank(a) - agreementRank(b),
  ...Object.fromEntries(
    report.runtimes.map((runtime, i) => [
      runtime.id,
      (a, b) => verdictRank(a.cells[i]) - verdictRank(b.cells[i]) || time(b.cells[i]) - time(a.cells[i]),
    ]),
  ),
};

const agreementRank = row => (isUnexpected(row.agreement?.verdict) ? -10 : 0) + report.words.agreements.indexOf(row.agreement?.result);
const verdictRank = cell => cell === null ? 99 : report.words.verdicts.indexOf(cell.verdict);

/** "module", or "-module" for the other way round. */
function sorted(rows, sort) {
  if (sort === "module") return rows;
  const descending = sort.startsWith("-");
  const order = orders[descending ? sort.slice(1) : sort];
  if (order === undefined) return rows;
  const result = rows.toSorted((a, b) => order(a.row, b.row) || a.row.index - b.row.index);
  return descending ? result.reverse() : result;
}

const cellClass = (cell, hit) =>
  `cell ${cell.verdict}${isUnexpected(cell.verdict) ? " red" : ""}${cell.change ? ` change ${cell.change}` : ""}${hit ? "" : " dim"}`;

const wasRun = cell => !report.words.notRun.includes(cell.verdict);

// What is seen comes first: who speaks to the page says what they see.
function label(cell, runtime, row) {
  const change = cell.change ? `, ${cell.change}${cell.before ? `, before: ${cell.before}` : ""}` : "";
  return `${cell.shown}${cell.inapplicable ? ` (${cell.inapplicable})` : ""}${cell.code && wasRun(cell) ? ` ${cell.phase}` : ""}, ${
    cell.verdict}: ${runtime.id}, ${row.module}, ${row.scenario}${change}`;
}

function cellView(row, column, hit) {
  const cell = row.cells[column];
  const runtime = report.runtimes[column];
  if (cell === null) return html`<div role="gridcell" class="cell none" data-runtime=${runtime.id}>–</div>`;
  return html`<div role="gridcell" class=${cellClass(cell, hit)} data-runtime=${runtime.id}><a tabindex="-1" href=${link("cell",
    [row.module, row.scenario, runtime.id])} aria-label=${label(cell, runtime, row)} title=${cell.inapplicable ?? cell.text ?? nothing}><i
    aria-hidden="true">${marks[cell.verdict] ?? "✗"}</i><b>${cell.shown}</b> ${cell.code && wasRun(cell) ? html`<small>${cell.phase
    }</small>` : nothing}</a></div>`;
}

function rowView({ row, hits }, columns, place) {
  const agreement = row.agreement;
  return html`<div role="row" class="row" aria-rowindex=${place + 2}><div role="rowheader" class="name"><a tabindex="-1"
    href=${link("row", [row.module, row.scenario])}><b>${row.module}</b><span>${row.scenario}</span></a></div><div role="gridcell"
    class="agreement ${agreement?.result ?? ""}${isUnexpected(agreement?.verdict) ? " red" : ""}${row.change ? ` change ${row.change}`
    : ""}"><a tabindex="-1" href=${link("row", [row.module, row.scenario])}
    title=${agreement?.sentence ?? nothing}>${agreementWord(agreement)}${row.newSplit ? html`<small>new</small>`
    : nothing}</a></div>${columns.map(column => cellView(row, column, hits.includes(column)))}</div>`;
}

/** The matrix with what its URL says, but for some of it. */
function matrixLink(changes) {
  const { query } = current();
  return link("matrix", [], { q: query.get("q"), sort: query.get("sort"), all: query.get("all"), ...changes });
}

function headView(key, content, sort) {
  const descending = sort === `-${key}`;
  const active = sort === key || descending;
  return html`<div role="columnheader" class="head" aria-sort=${active ? (descending ? "descending" : "ascending") : "none"}>
    <button @click=${() => replace(matrixLink({ sort: sort === key ? `-${key}` : key }))}>${content}<i aria-hidden="true">${active
      ? (descending ? "▾" : "▴") : ""}</i></button></div>`;
}

function suggestion(text, words, count) {
  const query = current().query.get("q") ?? "";
  const on = query === text;
  return html`<button class="chip ${on ? "on" : ""}" aria-pressed=${on} @click=${() => replace(matrixLink({ q: on ? "" : text }))}>${words
    } <b>${count}</b></button>`;
}

function suggestions() {
  const cells = report.rows.flatMap(row => row.cells).filter(cell => cell !== null);
  const count = test => cells.filter(test).length;
  const rows = test => report.rows.filter(test).length;
  const chips = [
    ...(report.diff
      ? [
          ["is:regression", "regressions", count(cell => cell.change === "regression")],
          ["is:fix", "fixes", count(cell => cell.change === "fix")],
          ["is:new-split", "new splits", rows(row => row.newSplit)],
          ["is:changed", "other changes", count(cell => cell.change === "changed")],
        ]
      : []),
    ["is:unexpected", "unexpected", count(cell => isUnexpected(cell.verdict))],
    ["is:split", "splits", rows(row => row.agreement?.result === "split")],
    ["is:unanimous", "unanimous", rows(row => row.agreement?.result === "unanimous")],
    ["code:unknown-import", "unknown imports", count(cell => cell.code === "unknown-import")],
    ["is:xfail", "declared departures", count(cell => cell.verdict === "xfail")],
    ["is:not-run", "not run", count(cell => cell.verdict === "not-run")],
    ["is:unavailable", "unavailable", count(cell => cell.verdict === "unavailable")],
  ];
  return chips.filter(([, , number]) => number > 0).map(chip => suggestion(...chip));
}

const typed = event => replace(matrixLink({ q: event.target.value }));

const absent = report.runtimes.filter(runtime => runtime.unavailable).length;

/** Runtimes that are not on the machine say nothing: their columns are shown when they are asked for. */
function absentSwitch() {
  const on = current().query.get("all") === "1";
  return absent === 0
    ? nothing
    : html`<button class="chip ${on ? "on" : ""}" aria-pressed=${on} @click=${() => replace(matrixLink({ all: on ? "" : "1" }))
      }>unavailable runtimes <b>${absent}</b></button>`;
}

/** The longest word of some columns, in characters: no column is narrower. */
function longestWord(columns) {
  const words = report.rows
    .flatMap(row => columns.map(i => (row.cells[i] === null ? "" : row.cells[i].shown)))
    .concat(columns.flatMap(i => [report.runtimes[i].id, report.runtimes[i].version ?? ""]))
    .flatMap(text => text.split(" "));
  return Math.max(6, ...new Set(words.map(word => word.length)));
}

/** Arrows go from cell to cell, Home and End to the row's ends, with Ctrl to the matrix's. */
function move(event) {
  const step = {
    ArrowLeft: [0, -1],
    ArrowRight: [0, 1],
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
    PageUp: [-10, 0],
    PageDown: [10, 0],
    Home: [event.ctrlKey ? -Infinity : 0, -Infinity],
    End: [event.ctrlKey ? Infinity : 0, Infinity],
  }[event.key];
  if (step === undefined || event.altKey || event.metaKey) return;
  const row = document.activeElement.closest(".row");
  if (row === null) return;
  event.preventDefault();
  const rows = [...event.currentTarget.querySelectorAll(".row")];
  const clamp = (value, length) => Math.max(0, Math.min(length - 1, value));
  const target = rows[clamp(rows.indexOf(row) + step[0], rows.length)];
  const column = [...row.children].indexOf(document.activeElement.closest(".row > *"));
  const to = target.children[clamp(column + step[1], target.children.length)].querySelector("a");
  if (to === null) return;
  enter(event.currentTarget, to);
  to.focus();
}

// One cell of the matrix is in the page's tab order: the first, then the one that was last on.
function enter(grid, target) {
  for (const other of grid.querySelectorAll('.row a[tabindex="0"]')) other.tabIndex = -1;
  target.tabIndex = 0;
}

const showMore = () => {
  most += step;
  dispatchEvent(new Event("hashchange"));
};

// Who scrolls there wants to see what comes next, and who has no wheel has a button.
const atEnd = new IntersectionObserver(entries => entries.some(entry => entry.isIntersecting) && showMore());

const watch = ref(element => {
  atEnd.disconnect();
  if (element) atEnd.observe(element);
});

// At the end of what scrolls: beside it, it would be in sight from the beginning.
const moreView = count => html`<div role="row" class="more" ${watch}><div role="gridcell"><button class="chip"
  @click=${showMore}>more of ${count} scenarios</button></div></div>`;

export function matrixView({ query }) {
  const q = query.get("q") ?? "";
  const sort = query.get("sort") ?? "module";
  const terms = parse(q);
  const wrong = problem(terms);
  const { rows, columns: named } = wrong === null ? filter(terms) : { rows: [], columns: report.runtimes.map((_, i) => i) };
  const wantsAbsent =
    query.get("all") === "1" ||
    terms.some(term => term.key === "runtime" || term.value === "unavailable") ||
    absent === report.runtimes.length;
  const columns = named.filter(i => wantsAbsent || !report.runtimes[i].unavailable);
  const visible = sorted(rows, sort);
  if (mostOf !== `${q} ${sort}`) [most, mostOf] = [visible.length <= all ? all : step, `${q} ${sort}`];
  return html`
    <section class="filter" aria-label="Filter">
      <div class="search"><label for="q">Filter</label>
        <input id="q" type="search" spellcheck="false" autocomplete="off"
          placeholder="is:split  runtime:wasmer  code:unknown-import  any text" .value=${q} @input=${typed} aria-describedby="found">
        <kbd aria-hidden="true">/</kbd></div>
      <div class="chips">${suggestions()}${absentSwitch()}</div>
      <p id="found" role="status" class=${wrong === null ? "" : "wrong"}>${wrong ?? `${visible.length} of ${report.rows.length} scenarios`
        }</p>
    </section>
    <div class="matrix" role="grid" aria-label="Modules by runtimes" aria-rowcount=${visible.length + 1} aria-colcount=${columns.length + 2}
      tabindex="-1" style="--runtimes:${columns.length};--word:${longestWord(columns)}" @keydown=${move} @focusin=${event =>
      event.target.matches(".row a") && enter(event.currentTarget, event.target)}>
      <div role="row" class="heads">
        ${headView("module", "module · scenario", sort)}${headView("agreement", "agreement", sort)}
        ${columns.map(i => headView(report.runtimes[i].id, html`<b>${report.runtimes[i].id}</b><span>${report.runtimes[i].version
          ?? "unavailable"}</span>`, sort))}
      </div>
      ${repeat(
        visible.slice(0, most),
        ({ row }) => row.index,
        (entry, place) => rowView(entry, columns, place),
      )}
      ${visible.length > most ? moreView(visible.length) : nothing}
    </div>
    ${visible.length === 0 && wrong === null ? html`<p class="empty">No scenario fits this filter. <a href=${link("matrix")
      }>Show all</a></p>` : nothing}`;
}

/** After the matrix is there: the first cell can be reached by Tab. */
export function ready() {
  const grid = document.querySelector(".matrix");
  if (grid !== null && grid.querySelector('.row a[tabindex="0"]') === null) grid.querySelector(".row a")?.setAttribute("tabindex", "0");
}

export { marks, cellClass };

// The page: a head that says how it stands, and one of several views below it.

import { html, nothing, render } from "lit-html";
import { aboutView, changesView } from "./about.js";
import { atlasView } from "./atlas.js";
import { cellView, rowView } from "./cell.js";
import { redraw, timesView, trendView } from "./charts.js";
import { isUnexpected, report, time, whole } from "./data.js";
import { matrixView, ready } from "./matrix.js";
import { current, link } from "./route.js";

const views = {
  matrix: matrixView,
  changes: changesView,
  cell: cellView,
  row: rowView,
  atlas: atlasView,
  times: timesView,
  trend: trendView,
  about: aboutView,
};
const tabs = [
  ["matrix", "Matrix"],
  ...(report.diff ? [["changes", "Changes"]] : []),
  ["atlas", "Atlas"],
  ["times", "Times"],
  ["trend", "Trend"],
  ["about", "Provenance"],
];
const app = document.getElementById("app");

/** [verdict, what it says]: what weighs least first, as the bar is read. */
const bars = report.words.verdicts.map((verdict, i) => [verdict, report.words.verdictDescriptions[i]]).reverse();

/** [result, what it says], by weight. */
const figures = report.words.agreements.map((result, i) => [result, report.words.agreementDescriptions[i]]);

function summary() {
  const counts = Map.groupBy(report.rows.flatMap(row => row.cells).filter(cell => cell !== null), cell => cell.verdict);
  const total = [...counts.values()].reduce((sum, cells) => sum + cells.length, 0);
  const present = bars.filter(([verdict]) => counts.has(verdict));
  const results = Map.groupBy(report.rows.filter(row => row.agreement), row => row.agreement.result);
  return html`<section class="summary" aria-label="Summary">
    <div class="figure"><b>${report.rows.length}</b><span>scenarios on ${report.runtimes.filter(runtime => !runtime.unavailable).length
      } runtimes</span></div>
    ${figures.filter(([result]) => results.has(result)).map(
        ([result, words]) =>
          html`<a class="figure ${result}" href=${link("matrix", [], { q: `is:${result}` })}><b>${results.get(result).length}</b><span>${
            words}</span></a>`,
      )}
    <div class="verdicts"><div class="stack" aria-hidden="true">${present.map(([verdict]) => html`<i class=${verdict} style="flex-grow:${
      counts.get(verdict).length}"></i>`)}</div>
      <ul>${present.map(([verdict, words]) => html`<li><a href=${link("matrix", [], { q: `is:${verdict}` })}><i class=${verdict}
        aria-hidden="true"></i><b>${counts.get(verdict).length}</b> ${verdict}<span>, ${words}</span></a></li>`)}<li class="all">${total
        } cells</li></ul></div>
  </section>`;
}

function theme() {
  const dark =
    getComputedStyle(document.documentElement).colorScheme.trim() === "dark" ||
    (document.documentElement.style.colorScheme === "" && matchMedia("(prefers-color-scheme: dark)").matches);
  return html`<button class="theme" @click=${() => {
    document.documentElement.style.colorScheme = dark ? "light" : "dark";
    redraw(show);
  }} aria-label="Use the ${dark ? "light" : "dark"} colours">${dark ? "☀" : "☾"}</button>`;
}

const red = report.rows.some(
  row => isUnexpected(row.agreement?.verdict) || row.cells.some(cell => cell !== null && isUnexpected(cell.verdict)),
);

function page(route) {
  return html`<a class="skip" href="#main" @click=${event => {
    event.preventDefault();
    document.getElementById("main").focus();
  }}>To the content</a>
    <header class="top"><a class="brand" href=${link("matrix")}><svg viewBox="0 0 24 24" aria-hidden="true"><path
      d="M2 2h7a3 3 0 0 0 6 0h7v20H2z"/><path class="tick" d="M7 13.5l3.5 3.5L17 9.5"/></svg><span>Conformance</span></a>
      <nav aria-label="Views">${tabs.map(([view, words]) => html`<a href=${link(view)} aria-current=${route.view === view ? "page" : nothing
        }>${words}</a>`)}</nav>
      <p class="run"><span class="state ${report.incomplete ? "partial" : red ? "red" : "green"}">${report.incomplete ? "partial" : red
        ? "not as expected" : "nothing unexpected"}</span><time datetime=${report.started}>${time(report.started)}</time></p>${theme()
        }</header>
    <main id="main" tabindex="-1">
    ${report.incomplete ? html`<p class="banner" role="alert">${report.incomplete}. What is missing is not known.</p>` : nothing}
    ${report.diff && route.view === "matrix" ? html`<p class="banner info">Against ${time(report.diff.before)}: ${report.diff.sum}.</p>`
      : nothing}
    ${route.view === "matrix" ? html`<h1 class="sr">${report.title}</h1>${summary()}` : nothing}
    ${(views[route.view] ?? matrixView)(route)}</main>
    <footer>Derived from <code>report.jsonl</code> · harness ${report.harness.split("+")[0]} · ${report.machine.os}, ${
      report.machine.architecture} · counter server: ${report.server.hosting}, ${report.server.variant}</footer>`;
}

let shownPath;

async function show() {
  const route = current();
  // All but the matrix need what stands behind it in the file.
  if (route.view !== "matrix") await whole;
  render(page(route), app);
  ready();
  const path = [route.view, ...route.path].join("/");
  document.title = route.view === "matrix" ? report.title : `${[...route.path].reverse().join(" · ") || route.view} · ${report.title}`;
  if (shownPath !== undefined && shownPath !== path) {
    scrollTo(0, 0);
    document.getElementById("main").focus({ preventScroll: true });
  }
  shownPath = path;
}

addEventListener("hashchange", show);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => redraw(show));

addEventListener("keydown", event => {
  if (event.target.matches("input") || event.ctrlKey || event.metaKey || event.altKey) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (event.key === "/") {
    event.preventDefault();
    if (document.getElementById("q") === null) {
      location.hash = link("matrix");
      addEventListener("hashchange", () => document.getElementById("q")?.focus(), { once: true });
    } else document.getElementById("q").focus();
  } else if (event.key === "Escape" && current().view !== "matrix") history.length > 1 ? history.back() : (location.hash = link("matrix"));
});

show();
performance.mark("interactive");

// One cell, with all that is known of it; and one row, with what its runtimes have in common.

import { html, nothing } from "lit-html";
import { agreementWord, details, findRow, isUnexpected, milliseconds, report } from "./data.js";
import { cellClass, marks } from "./matrix.js";
import { link } from "./route.js";

// What the reason of a cell that was not run says.
const reasons = { unavailable: "Not on this machine", "not-run": "Not run" };

const section = (title, content, id) => html`<section class="part" aria-labelledby=${id}><h2 id=${id}>${title}</h2>${content}</section>`;

// A manifest's link, where it leads somewhere; any other text stays text.
const reference = url => url?.match(/^https?:/) ? html`<a href=${url} rel="noreferrer">${url}</a>` : url ?? nothing;

const facts = pairs =>
  html`<dl class="facts">${pairs.filter(([, value]) => value != null && value !== "").map(([name, value]) => html`<div><dt>${name
    }</dt><dd>${value}</dd></div>`)}</dl>`;

const pre = (text, label) => html`<pre tabindex="0" role="group" aria-label=${label}>${text}</pre>`;

function track(cell) {
  const reached = report.words.phases.indexOf(cell.phase);
  return html`<ol class="track" aria-label="Phases">${report.words.phases.map((phase, i) => {
    const failed = cell.code != null && i === reached;
    return html`<li class=${i < reached || (i === reached && !failed) ? "done" : failed ? "stopped" : "ahead"}>${phase}<span class="sr">${
      failed ? ": it ended here" : i <= reached ? ": reached" : ": not reached"}</span></li>`;
  })}</ol>`;
}

function counts(cell) {
  const { guest, host, server } = cell.counts;
  // An account that does not exist says nothing against the others.
  const sign = (a, b) => a == null || b == null ? "" : a === b ? "=" : "≠";
  const known = [guest, host, server].filter(count => count != null);
  const one = (name, value, what) => html`<div class="count"><b>${value ?? "–"}</b><span>${name}</span><small>${what}</small></div>`;
  return html`<div class="counts ${new Set(known).size > 1 ? "differ" : "same"}">${one("guest", guest, "what it read")}<i
    aria-hidden="true">${sign(guest, host)}</i>${one("host", host, "increments sent")}<i aria-hidden="true">${sign(host ?? guest, server)
    }</i>${one("server", server, "increments in its journal")}</div>`;
}

function ledger(rows) {
  if (rows.length === 0) return html`<p class="quiet">No import, or nobody was asked.</p>`;
  return html`<div class="scroll" tabindex="0" role="group" aria-label="The ledger as a table"><table><thead><tr><th
    scope="col">import</th><th scope="col">kind</th><th scope="col">type</th><th scope="col">provider</th><th
    scope="col">verdict</th></tr></thead>
    <tbody>${rows.map(
      row => html`<tr class=${row.fulfilled ? "" : "refused"}><th scope="row"><code>${row.module}::${row.name}</code>${row.times ? ` (${
        row.times} ×)` : ""}</th><td>${row.kind}</td><td><code>${row.type}</code></td>
      <td>${row.provider}${row.found ? html`: <code>${row.found}</code>` : nothing}${row.note ? `, ${row.note}` : ""}</td><td>${row.code
        ?? "links"}${row.text ? html`<small>${row.text}</small>` : nothing}</td></tr>`,
    )}</tbody></table></div>`;
}

function times({ compile, link: linked, run }) {
  const all = [["compile", compile], ["link", linked], ["run", run]];
  const most = Math.max(...all.map(([, ms]) => ms ?? 0), 0.001);
  return html`<dl class="bars">${all.map(([name, ms]) => html`<div><dt>${name}</dt><dd><span class="bar ${name}" style="width:${(100 * (ms
    ?? 0)) / most}%"></span><span>${milliseconds(ms)}</span></dd></div>`)}</dl>`;
}

async function copy(event) {
  const button = event.currentTarget;
  await navigator.clipboard.writeText(button.dataset.text);
  button.textContent = "copied";
}

const output = (name, text) =>
  text.bytes === 0 ? nothing : html`<h3>${name}</h3>${pre(text.text + (text.truncated ? `… (${text.bytes} bytes in all)` : ""), name)}`;

const calls = list =>
  list
    .map(
      call =>
        `${call.times} × ${call.module}::${call.name}${call.returned == null ? "" : ` = ${call.returned}`}${call.error ? ` (${call.error})`
          : ""}`,
    )
    .join("\n");

function journal({ requests, preflights, countedPreflights }) {
  return [
    ...Object.entries(requests).map(([request, times]) => `${times} × ${request}`),
    ...(preflights > 0 ? [`${preflights} × preflight${countedPreflights > 0 ? `, of which ${countedPreflights} were counted` : ""}`] : []),
  ].join("\n");
}

function happened(cell) {
  const known = [
    ["exit", cell.exit],
    ["result", cell.result],
    ["page", cell.page],
    ["host calls", cell.hostCalls.length > 0 ? pre(calls(cell.hostCalls), "host calls") : null],
    ["journal", journal(cell.journal) ? pre(journal(cell.journal), "journal") : null],
    [
      "guest's requests",
      cell.requests
        ? pre(
            Object.entries(cell.requests)
              .map(([request, times]) => `${times} × ${request}`)
              .join("\n"),
            "requests",
          )
        : null,
    ],
    ["attempts", cell.attempts > 1 ? cell.attempts : null],
  ];
  return known.some(([, value]) => value != null && value !== "") ? section("What happened", facts(known), "happened") : nothing;
}

function neighbours(row, current) {
  return html`<nav class="neighbours" aria-label="The other runtimes">${report.runtimes.map((runtime, i) => (row.cells[i] === null
    || (runtime.unavailable && runtime.id !== current) ? nothing : html`<a class=${cellClass(row.cells[i], true)} aria-current=${
    runtime.id === current ? "page" : nothing} href=${link("cell", [row.module, row.scenario, runtime.id])}><small>${runtime.id}</small><i
    aria-hidden="true">${marks[row.cells[i].verdict] ?? "✗"}</i><b>${row.cells[i].shown}</b></a>`))}</nav>`;
}

const crumbs = (row, last) =>
  html`<nav class="crumbs" aria-label="Where you are"><a href=${link("matrix")}>Matrix</a> <span aria-hidden="true">›</span> <a href=${
    link("row", [row.module, row.scenario])}>${row.module} · ${row.scenario}</a>${last ? html` <span aria-hidden="true">›</span> <span
    aria-current="page">${last}</span>` : nothing}</nav>`;

const missing = what => html`<p class="empty">${what} <a href=${link("matrix")}>To the matrix</a></p>`;

export function cellView({ path: [module, scenario, id] }) {
  const row = findRow(module, scenario);
  const column = report.runtimes.findIndex(runtime => runtime.id === id);
  const cell = row && details(row, column);
  if (!cell) return missing("This report has no such cell.");
  const runtime = report.runtimes[column];
  const before = row.cells[column].before;
  return html`${crumbs(row, id)}
    <header class="title"><h1><span>${id}</span> ${module} <small>${scenario}</small></h1><p class="verdict ${cellClass(row.cells[column],
      true)}">${marks[cell.verdict] ?? "✗"} ${cell.verdict}${cell.code ? html` <b>${cell.code}</b>` : nothing}</p></header>
    ${neighbours(row, id)}
    ${before ? html`<p class="note">${row.cells[column].change}: it was ${before}</p>` : nothing}
    ${track(cell)}
    ${cell.departures.length > 0 ? section("Not as expected", html`<div class="departures">${cell.departures.map(({ what, expected,
      observed }) => html`<div><h3>${what}</h3><dl><dt>expected</dt><dd>${pre(expected, `${what} expected`)}</dd><dt>observed</dt><dd>${
      pre(observed, `${what} observed`)}</dd></dl></div>`)}</div>`, "departures") : nothing}
    ${cell.reason ? section(row.cells[column].inapplicable ? "Not applicable" : reasons[cell.verdict] ?? "Declared",
      html`<p>${cell.reason}</p>${cell.link ? html`<p>${reference(cell.link)}</p>` : nothing}${cell.remedy
      ? html`<p>To have it: <code>${cell.remedy}</code></p>` : nothing}`, "declared") : nothing}
    ${cell.text ? section("The runtime's words", pre(cell.text, "The runtime's words"), "words") : nothing}
    ${section("Three counts", counts(cell), "counts")}
    ${section("Ledger", ledger(cell.ledger), "ledger-of-cell")}
    <div class="two">${Object.values(cell.timingsMs).some(ms => ms != null) ? section("Times", times(cell.timingsMs), "times") : nothing}
    ${happened(cell)}</div>
    ${cell.other ? section("Seen to do something else", html`<p>Attempt ${cell.other.attempt} would have been <b>${cell.other.verdict
      }</b>: ${cell.other.observation.code ?? "got through"} at ${cell.other.observation.phase}.</p>${cell.other.observation.text
      ? pre(cell.other.observation.text, "its words") : nothing}`, "other") : nothing}
    ${cell.stdout.bytes + cell.stderr.bytes > 0 || cell.workerStderr ? section("Output", html`${output("stdout", cell.stdout)}${
      output("stderr", cell.stderr)}${cell.workerStderr ? html`<h3>the worker's stderr</h3>${pre(cell.workerStderr, "the worker's stderr")}`
      : nothing}`, "output") : nothing}
    ${
      cell.pictures
        ? section(
            "Pictures",
            cell.pictures.map(({ name, data }) => html`<figure><img src=${data} alt=${name}><figcaption>${name}</figcaption></figure>`),
            "pictures",
          )
        : nothing
    }
    ${section("See it again", html`<div class="repro"><code>${cell.repro}</code><button data-text=${cell.repro} @click=${copy
      }>copy</button></div>`, "repro")}
    ${section(
      "The runtime",
      facts([
        ["version", runtime.version],
        ["engine", runtime.engine],
        ["SHA-256", runtime.sha256 ? html`<code>${runtime.sha256}</code>` : null],
        ["features", runtime.features.join(", ")],
      ]),
      "runtime",
    )}`;
}

export function rowView({ path: [module, scenario] }) {
  const row = findRow(module, scenario);
  if (!row) return missing("This report has no such scenario.");
  const info = report.modules.find(entry => entry.id === module);
  const agreement = row.agreement;
  const size = report.sizes.find(entry => entry.module === module);
  return html`${crumbs(row)}
    <header class="title"><h1>${module} <small>${scenario}</small></h1>${agreement ? html`<p class="verdict agreement ${agreement.result}${
      isUnexpected(agreement.verdict) ? " red" : ""}">${agreementWord(agreement)}</p>` : nothing}</header>
    ${neighbours(row, null)}
    ${
      agreement
        ? section(
            "Agreement",
            html`<p>${agreement.sentence}</p>
      ${agreement.groups.length > 1 ? html`<ul class="groups">${agreement.groups.map(group => html`<li>${group.join(", ")}</li>`)}</ul>`
        : nothing}
      ${(agreement.departures ?? []).map(({ what, expected, observed }) => html`<p class="wrong">${what}: expected ${expected}, observed ${
        observed}</p>`)}
      ${agreement.reason ? html`<p>Declared: ${agreement.reason} ${reference(agreement.link)}</p>` : nothing}`,
            "agreement",
          )
        : nothing
    }
    ${
      info
        ? section(
            "The module",
            facts([
              ["toolchain", info.toolchain],
              ["command", info.command ? html`<code>${info.command}</code>` : null],
              ["date", info.date],
              ["SHA-256", html`<code>${info.sha256}</code>`],
              ["manifest", info.manifest ? html`<code>${info.manifest.path}</code>` : null],
              [
                "size",
                size
                  ? `${size.raw.toLocaleString("en")} bytes, gzip ${size.gzip.toLocaleString("en")}, brotli ${
                    size.brotli.toLocaleString("en")}${size.optimised ? `, after wasm-opt -Oz ${size.optimised.toLocaleString("en")}` : ""}`
                  : null,
              ],
            ]),
            "module",
          )
        : nothing
    }`;
}

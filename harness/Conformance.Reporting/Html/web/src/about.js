// Where the report comes from: machine, server, runtimes, modules, each with its hashes.

import { html, nothing } from "lit-html";
import { report, time } from "./data.js";

const list = (title, entries) =>
  entries.length === 0
    ? nothing
    : html`<section class="part" aria-label=${title}><h2>${title}</h2><ul class="plain">${entries.map(entry => html`<li>${entry}</li>`)
      }</ul></section>`;

export function aboutView() {
  const { machine, server } = report;
  return html`<header class="title"><h1>Provenance</h1></header>
    <section class="part" aria-label="Run"><h2>Run</h2><dl class="facts">
      <div><dt>started</dt><dd>${time(report.started)}</dd></div>${report.elapsedMs == null ? nothing : html`<div><dt>took</dt><dd>${
        (report.elapsedMs / 1000).toFixed(1)} s</dd></div>`}
      <div><dt>harness</dt><dd><code>${report.harness}</code></dd></div><div><dt>machine</dt><dd>${machine.os}, ${machine.architecture}, ${
        machine.processors} processors, ${machine.dotnet}</dd></div>
      <div><dt>counter server</dt><dd>${server.hosting}, ${server.variant}${server.why ? ` (${server.why})` : ""}</dd></div></dl></section>
    <section class="part" aria-label="Runtimes"><h2>Runtimes</h2><div class="scroll" tabindex="0" role="group"
      aria-label="Runtimes as a table"><table><thead><tr><th scope="col">runtime</th><th scope="col">version</th><th
      scope="col">engine</th><th scope="col">features</th><th scope="col">SHA-256</th></tr></thead>
      <tbody>${report.runtimes.map(runtime => html`<tr><th scope="row">${runtime.id}</th><td>${runtime.version ?? "unavailable"}</td><td>${
        runtime.engine ?? "–"}</td><td>${runtime.unavailable ? html`${runtime.unavailable.reason}<small>to have it: ${
        runtime.unavailable.remedy}</small>` : runtime.features.join(", ")}</td><td><code>${runtime.sha256 ?? "–"}</code></td></tr>`)
        }</tbody></table></div></section>
    <section class="part" aria-label="Modules"><h2>Modules</h2><div class="scroll" tabindex="0" role="group"
      aria-label="Modules as a table"><table><thead><tr><th scope="col">module</th><th scope="col">toolchain</th><th
      scope="col">built by</th><th scope="col">raw bytes</th><th scope="col">brotli</th><th scope="col">SHA-256</th></tr></thead>
      <tbody>${report.modules.map(module => {
        const size = report.sizes.find(entry => entry.module === module.id);
        return html`<tr><th scope="row">${module.id}</th><td>${module.toolchain}</td><td>${module.command ? html`<code>${module.command
          }</code>` : "–"}</td><td>${size?.raw.toLocaleString("en") ?? "–"}</td><td>${size?.brotli.toLocaleString("en") ?? "–"
          }</td><td><code>${module.sha256}</code></td></tr>`;
      })}</tbody></table></div></section>`;
}

export function changesView() {
  const { diff } = report;
  if (!diff) return html`<p class="empty">This report is not held against another.</p>`;
  const change = (entry, title, href) =>
    html`<li class="change ${entry.kind}"><b>${entry.kind}</b> <a href=${href}>${title}</a>: ${entry.words}</li>`;
  const href = (...path) => `#/${path.map(encodeURIComponent).join("/")}`;
  return html`<header class="title"><h1>What changed</h1></header>
    <p class="lead">From ${time(diff.before)} to ${time(report.started)}. ${diff.sum}.</p>
    <section class="part" aria-label="Cells"><h2>Cells</h2>${diff.cells.length === 0 ? html`<p class="quiet">None.</p>` : html`<ul
      class="changes">${diff.cells.map(entry => change(entry, `${entry.runtime} · ${entry.module} · ${entry.scenario}`, href("cell",
      entry.module, entry.scenario, entry.runtime)))}</ul>`}</section>
    <section class="part" aria-label="Agreements"><h2>Agreements</h2>${diff.agreements.length === 0 ? html`<p class="quiet">None.</p>`
      : html`<ul class="changes">${diff.agreements.map(entry => change(entry, `${entry.module} · ${entry.scenario}${entry.newSplit
      ? " (new split)" : ""}`, href("row", entry.module, entry.scenario)))}</ul>`}</section>
    ${list("Not compared", diff.notCompared)}${list("What else is not the same", diff.notes)}`;
}

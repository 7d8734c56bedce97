// The import atlas: which runtime provides which function of WASI.

import { html, nothing } from "lit-html";
import { atlas } from "./data.js";
import { link, replace } from "./route.js";

const notAsked = { presence: "not asked", state: "none", fulfilled: null };

const lacks = cell => cell.state === "missing" || cell.state === "refused";

export function atlasView({ query }) {
  const lines = atlas();
  if (lines.length === 0)
    return html`<p class="empty">No runtime was asked what it provides of WASI: <code>conformance run --atlas</code> does.</p>`;
  const everything = query.get("all") === "1";
  const text = (query.get("q") ?? "").toLowerCase();
  const answers = new Map(lines.map(line => [line.runtime, new Map(line.functions.map(row => [`${row.module}::${row.name}`, row]))]));
  const functions = [...new Map(lines.flatMap(line => line.functions).map(row => [`${row.module}::${row.name}`, row])).entries()]
    .map(([name, row]) => ({ name, row, cells: lines.map(line => answers.get(line.runtime).get(name) ?? notAsked) }));
  const differs = entry => new Set(entry.cells.map(cell => cell.fulfilled || cell.state)).size > 1;
  const change = values => replace(link("atlas", [], { q: query.get("q"), all: query.get("all"), ...values }));
  const namespaces = [...new Set(functions.map(entry => entry.row.module))];
  return html`<header class="title"><h1>Import atlas</h1></header>
    <p class="lead">Each runtime was asked about each function alone, with a module that imports nothing else.
      <em>Unchecked</em>: it links whatever its type: JavaScript's functions have none, and Lucet looks at none.
      <em>Missing, and links</em>: WAMR finds out when it is called.</p>
    <section class="filter" aria-label="Filter"><div class="search"><label for="q">Filter</label><input id="q" type="search"
      placeholder="sock_  fd_read" .value=${query.get("q") ?? ""} @input=${event => change({ q: event.target.value })}><kbd
      aria-hidden="true">/</kbd></div>
      <div class="chips"><button class="chip ${everything ? "" : "on"}" aria-pressed=${!everything} @click=${() => change({ all: everything
        ? "" : "1" })}>only where they part</button></div></section>
    ${namespaces.map(namespace => {
      const all = functions.filter(entry => entry.row.module === namespace);
      // A namespace that a runtime lacks altogether parts it everywhere: one line says that, not a hundred.
      const partly = all
        .filter(differs)
        .filter(entry => everything || !entry.cells.every((cell, i) => lacks(cell) === all.every(other => lacks(other.cells[i]))));
      const rows = (everything ? all : partly).filter(entry => entry.name.toLowerCase().includes(text));
      return html`<section class="part" aria-label=${namespace}><h2 class="plain-case">${namespace} <small>${all.length
        } functions</small></h2>
        <div class="scroll" tabindex="0" role="group" aria-label="${namespace} as a table"><table class="atlas"><thead><tr><th
          scope="col">function</th>${lines.map(line => html`<th scope="col">${line.runtime}</th>`)}</tr></thead>
        <tbody><tr class="sum"><th scope="row">all of it</th>${lines.map((_, i) => {
          const count = all.filter(entry => entry.cells[i].fulfilled).length;
          return html`<td class=${count === 0 ? "missing" : count === all.length ? "provided" : "misfit"}>${count === 0 ? "none"
            : count === all.length ? "all" : `${count} of ${all.length}`}${all.some(entry => entry.cells[i].state === "unchecked")
            ? ", unchecked" : ""}</td>`;
        })}</tr>
        ${rows.map(entry => html`<tr><th scope="row"><code>${entry.row.name}</code> <small>${entry.row.type}</small></th>${
          entry.cells.map(cell => html`<td class=${cell.state}>${cell.presence}</td>`)}</tr>`)}</tbody></table></div>
        ${rows.length === 0 && !everything ? html`<p class="quiet">${text ? "Nothing here fits." : "Who has it has all of it, alike."}</p>`
          : nothing}</section>`;
    })}`;
}

// Times per phase and runtime, and the nights of the history. Each chart has its numbers beside it as a table.

import {
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  Filler,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
} from "chart.js";
import { html, nothing } from "lit-html";
import { ref } from "lit-html/directives/ref.js";
import { milliseconds, report, time } from "./data.js";

Chart.register(BarController, BarElement, CategoryScale, Filler, Legend, LinearScale, LineController, LineElement, PointElement, Tooltip);

const steps = ["compile", "link", "run"];
const drawn = new Map();

// Colours that are written with light-dark() are resolved by an element that has them.
function resolved(name) {
  const probe = document.createElement("i");
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

function canvas(id, label, height, configuration) {
  const draw = element => {
    drawn.get(id)?.destroy();
    drawn.delete(id);
    if (element === undefined) return;
    const [ink, line] = [resolved("muted"), resolved("line")];
    const chart = configuration();
    const axis = (axisOptions = {}) => ({
      ...axisOptions,
      grid: { color: line },
      border: { color: line },
      ticks: { color: ink, ...axisOptions.ticks },
    });
    drawn.set(id, new Chart(element, {
      ...chart,
      options: {
        animation: false, responsive: true, maintainAspectRatio: false, ...chart.options,
        scales: { x: axis(chart.options.scales?.x), y: axis(chart.options.scales?.y) },
        plugins: { legend: { labels: { color: ink, boxWidth: 12, boxHeight: 12 } }, ...chart.options.plugins },
      },
    }));
  };
  return html`<div class="chart" style="height:${height}px"><canvas role="img" aria-label=${label} ${ref(draw)}></canvas></div>`;
}

/** Draws all charts again, in the colours that hold now. */
export function redraw(render) {
  for (const chart of drawn.values()) chart.destroy();
  drawn.clear();
  render();
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted.length === 0 ? null : (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

const table = (head, rows, label) =>
  html`<div class="scroll" tabindex="0" role="group" aria-label=${label}><table class="numbers"><thead><tr>${head.map(text => html`<th
    scope="col">${text}</th>`)}</tr></thead><tbody>${rows.map(([first, ...rest]) => html`<tr><th scope="row">${first}</th>${rest.map(text =>
    html`<td>${text}</td>`)}</tr>`)}</tbody></table></div>`;

// The nights before as a line in their band, and the newest at its end.
function spark({ nights, value, low, high, isOutside }) {
  const all = [...nights, value];
  const [least, most] = [Math.min(low, ...all), Math.max(high, ...all)];
  const x = place => 2 + (place * 116) / Math.max(1, all.length - 1);
  const y = number => 22 - ((number - least) / (most - least || 1)) * 20;
  return html`<svg class="spark" viewBox="0 0 120 24" role="img" aria-label=${`${nights.length} nights before, and this one`}>
    <rect x="0" width="120" y=${y(high)} height=${y(low) - y(high)}/><polyline
      points=${all.map((number, i) => `${x(i)},${y(number)}`).join(" ")}/><circle
      class=${isOutside ? "outside" : ""} cx=${x(all.length - 1)} cy=${y(value)} r="2.5"/></svg>`;
}

/** How this night's times stand to the nights before: what left its band first. Nothing without enough nights. */
function bandsView() {
  const bands = (report.bands ?? []).toSorted((a, b) => b.isOutside - a.isOutside);
  if (bands.length === 0) return nothing;
  const outside = bands.filter(band => band.isOutside);
  const number = value => Number(value.toPrecision(3));
  return html`<section class="part" aria-label="Against the nights before"><h2>Against the nights before</h2>
    ${outside.length > 0 ? html`<p class="banner" role="alert">${outside.length} of ${bands.length} left the band that the nights before
      were in: ${outside.map(band => band.words).join("; ")}.</p>` : html`<p>All ${bands.length} are where the nights before were.</p>`}
    ${table(
      ["median", "this night", "usual", "nights"],
      bands.map(band => [
        band.name,
        html`<span class=${band.isOutside ? "outside" : ""}>${number(band.value)}</span>`,
        `${number(band.low)} to ${number(band.high)}`,
        spark(band),
      ]),
      "Medians against the nights before",
    )}</section>`;
}

export function timesView() {
  // Cells that did not get through took what it takes to fail, which is no measure of a phase.
  const measured = report.runtimes.map((runtime, i) => {
    const cells = report.rows.map(row => row.cells[i]).filter(cell => cell?.times && cell.code === undefined);
    return {
      runtime,
      cells: cells.length,
      medians: steps.map((_, step) => median(cells.map(cell => cell.times[step]).filter(ms => ms != null))),
    };
  }).filter(entry => entry.cells > 0);
  if (measured.length === 0) return html`<p class="empty">No cell got through, so there are no times.</p>`;
  const slowest = report.rows
    .flatMap(row =>
      row.cells.flatMap((cell, i) =>
        cell?.times ? [{ row, runtime: report.runtimes[i].id, sum: cell.times.reduce((sum, ms) => sum + (ms ?? 0), 0) }] : [],
      ),
    )
    .toSorted((a, b) => b.sum - a.sum)
    .slice(0, 12);
  return html`<header class="title"><h1>Times</h1></header>
    <p class="lead">Engine time per phase: the median over each runtime's cells that got through.
      A module that a runtime keeps compiled is loaded, not compiled, the next time.
      Compare runtimes within this report only: it is one machine's.</p>
    <section class="part" aria-label="Time per phase and runtime"><h2>Time per phase and runtime</h2>
    ${canvas(
      "phases",
      `Median milliseconds per phase: ${measured.map(entry => `${entry.runtime.id} ${steps.map((step, i) => `${step} ${
        milliseconds(entry.medians[i])}`).join(", ")}`).join("; ")}`,
      90 + 44 * measured.length,
      () => ({
        type: "bar",
        data: {
          labels: measured.map(entry => entry.runtime.id),
          datasets: steps.map((step, i) => ({
            label: step,
            data: measured.map(entry => entry.medians[i] ?? 0),
            backgroundColor: resolved(`phase-${step}`),
            borderRadius: 3,
          })),
        },
        options: {
          indexAxis: "y",
          scales: { x: { stacked: true, title: { display: true, text: "ms", color: resolved("muted") } }, y: { stacked: true } },
        },
      }),
    )}
    ${table(
      ["runtime", "cells", ...steps],
      measured.map(entry => [`${entry.runtime.id} ${entry.runtime.version ?? ""}`, entry.cells, ...entry.medians.map(milliseconds)]),
      "Median times as a table",
    )}</section>
    ${bandsView()}
    <section class="part" aria-label="The slowest cells"><h2>The slowest cells</h2>${table(
      ["cell", "engine time"],
      slowest.map(({ row, runtime, sum }) => [
        html`<a href="#/cell/${[row.module, row.scenario, runtime].map(encodeURIComponent).join("/")}">${runtime} · ${row.module} · ${
          row.scenario}</a>`,
        milliseconds(sum),
      ]),
      "The slowest cells as a table",
    )}</section>`;
}

export function trendView() {
  const nights = report.trend;
  if (nights.length === 0)
    return html`<p class="empty">No history was given: <code>conformance report FILE --format html --history history.db</code>
      shows one.</p>`;
  const labels = nights.map(night => night.started.slice(0, 10));
  const verdicts = [...new Set(nights.flatMap(night => Object.keys(night.verdicts)))];
  const runtimes = [...new Set(nights.flatMap(night => night.runtimes.map(runtime => runtime.runtime)))];
  const of = (night, id) => night.runtimes.find(runtime => runtime.runtime === id);
  const newest = nights.at(-1);
  return html`<header class="title"><h1>Trend</h1></header>
    <p class="lead">${nights.length} ${nights.length === 1 ? "night" : "nights"}, the last ${time(newest.started)}.</p>
    <section class="part" aria-label="Verdicts"><h2>Verdicts</h2>
    ${canvas(
      "verdicts",
      `Cells by verdict over ${nights.length} nights; in the last: ${Object.entries(newest.verdicts)
        .map(([verdict, count]) => `${count} ${verdict}`)
        .join(", ")}`,
      260,
      () => ({
        type: "line",
        data: {
          labels,
          datasets: verdicts.map(verdict => ({
            label: verdict,
            data: nights.map(night => night.verdicts[verdict] ?? 0),
            borderColor: resolved(`chart-${verdict}`),
            backgroundColor: resolved(`chart-${verdict}`),
            fill: true,
            pointRadius: nights.length > 60 ? 0 : 2,
            borderWidth: 1,
            tension: 0.2,
          })),
        },
        options: { interaction: { mode: "index", intersect: false }, scales: { y: { stacked: true, beginAtZero: true } } },
      }),
    )}</section>
    <section class="part" aria-label="Engine time"><h2>Engine time of all cells</h2>
    ${canvas(
      "nights",
      `Engine time per runtime over ${nights.length} nights; in the last: ${newest.runtimes.map(runtime => `${runtime.runtime} ${
        milliseconds(runtime.compileMs + runtime.linkMs + runtime.runMs)}`).join(", ")}`,
      260,
      () => ({
        type: "line",
        data: {
          labels,
          datasets: runtimes.map((id, i) => ({
            label: id,
            data: nights.map(night =>
              of(night, id) === undefined ? null : of(night, id).compileMs + of(night, id).linkMs + of(night, id).runMs,
            ),
            borderColor: resolved(`series-${i % 6}`),
            backgroundColor: resolved(`series-${i % 6}`),
            pointRadius: nights.length > 60 ? 0 : 2,
            borderWidth: 2,
            tension: 0.2,
            spanGaps: true,
          })),
        },
        options: {
          interaction: { mode: "index", intersect: false },
          scales: { y: { beginAtZero: true, title: { display: true, text: "ms", color: resolved("muted") } } },
        },
      }),
    )}</section>
    <section class="part" aria-label="Nights"><h2>Nights</h2>${table(
      ["night", "cells", "verdicts", "agreements", "changed cells", "runtimes"],
      nights
        .toReversed()
        .map((night, i, all) => [
          time(night.started),
          night.cells,
          words(night.verdicts),
          words(night.agreements),
          night.changes ?? "–",
          versions(night, all[i + 1]),
        ]),
      "Nights as a table",
    )}</section>`;
}

const words = counts => Object.entries(counts).map(([name, count]) => `${count} ${name}`).join(", ");

// Versions where they changed; all of the first night.
function versions(night, before) {
  return (
    night.runtimes
      .filter(runtime => before?.runtimes.find(other => other.runtime === runtime.runtime)?.version !== runtime.version)
      .map(runtime => `${runtime.runtime} ${runtime.version ?? "unavailable"}`)
      .join(", ") || nothing
  );
}

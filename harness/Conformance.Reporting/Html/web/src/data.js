// The report as the page was given it: an index that everything needs at once, and parts that are read when they are asked for.

const parts = new Map();

/** A part of the page's data by its element's id; undefined where there is none. */
function part(id) {
  if (!parts.has(id)) {
    const element = document.getElementById(id);
    if (element === null) return undefined;
    parts.set(id, JSON.parse(element.textContent));
  }
  return parts.get(id);
}

export const report = part("index");

report.rows.forEach((row, index) => { row.index = index; });

/** Resolves once all parts are there: the matrix is shown before the rest of the file is read. */
export const whole = new Promise(resolve => {
  if (document.readyState !== "loading") resolve();
  else document.addEventListener("DOMContentLoaded", () => resolve(), { once: true });
});

const ledgerRows = numbers => numbers.map(number => part("ledger")[number]);

/** All that is known of one cell; the ledger's rows are kept once for all cells. */
export function details(row, column) {
  const many = report.rowsInPart ?? 1;
  const rows = part(`row-${row.index - row.index % many}`);
  const cell = (many === 1 ? rows : rows?.[row.index % many])?.[column];
  return cell && { ...cell, ledger: ledgerRows(cell.ledger) };
}

/** What each runtime provides of WASI: [{ runtime, functions }]; empty where nobody was asked. */
export const atlas = () => (part("atlas") ?? []).map(line => ({ runtime: line.runtime, functions: ledgerRows(line.functions) }));

export const findRow = (module, scenario) => report.rows.find(row => row.module === module && row.scenario === scenario);

export const isUnexpected = verdict => report.words.unexpected.includes(verdict);

/** An agreement in two words. */
export const agreementWord = agreement =>
  agreement === null ? "" : agreement.result === "split" ? `split at ${agreement.phase}` : agreement.result;

export const milliseconds = value => value == null ? "–" : value >= 100 ? `${Math.round(value)} ms` : `${value.toPrecision(2)} ms`;

/** A day and minute, in UTC wherever the page is read. */
export const time = iso => `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;

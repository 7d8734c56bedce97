// The filter's language: words and key:value terms, all of which must hold; "-" before a term turns it round.

import { agreementWord, isUnexpected, report } from "./data.js";

const rowKeys = new Set(["module", "scenario"]);
const [results, changes, verdicts] = [report.words.agreements, report.words.changes, report.words.verdicts].map(words => new Set(words));

/** Terms of a text: [{ key, value, not }]; key is null for a plain word. Quotes keep spaces together. */
export function parse(text) {
  return [...text.matchAll(/(-?)(?:([a-z]+):)?(?:"([^"]*)"?|(\S+))/g)]
    .map(([, minus, key, quoted, plain]) => ({ key: key ?? null, value: (quoted ?? plain).toLowerCase(), not: minus === "-" }))
    .filter(term => term.value !== "");
}

/** What is wrong with some terms, in words; null where nothing is. */
export function problem(terms) {
  const known = ["is", "module", "scenario", "runtime", "code", "phase", "import"];
  const strange = terms.find(term => term.key !== null && !known.includes(term.key));
  if (strange) return `${strange.key}: is no key; there are ${known.map(key => key + ":").join(" ")}`;
  const state = terms.find(
    term =>
      term.key === "is" &&
      !results.has(term.value) &&
      !changes.has(term.value) &&
      !verdicts.has(term.value) &&
      !["unexpected", "new-split"].includes(term.value),
  );
  return state
    ? `is:${state.value} is none of ${[...results, ...verdicts, "unexpected", ...(report.diff ? [...changes, "new-split"] : [])].join(", ")
      }`
    : null;
}

// "*" stands for any text; without one the whole value must be equal.
function glob(pattern) {
  if (!pattern.includes("*")) return text => text?.toLowerCase() === pattern;
  const expression = new RegExp(`^${pattern.split("*").map(part => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&")).join(".*")}$`);
  return text => text != null && expression.test(text.toLowerCase());
}

function ofRow(term) {
  if (term.key === "is") {
    if (results.has(term.value)) return row => row.agreement?.result === term.value;
    if (term.value === "new-split") return row => row.newSplit === true;
    return null;
  }
  if (rowKeys.has(term.key)) {
    const is = glob(term.value);
    return row => is(row[term.key]);
  }
  return term.key === null ? row => textOf(row).includes(term.value) : null;
}

function ofCell(term) {
  const is = glob(term.value);
  switch (term.key) {
    case "runtime": return (cell, runtime) => is(runtime.id);
    case "code": return cell => is(cell.code);
    case "phase": return cell => is(cell.phase);
    case "import": return cell => (cell.refused ?? []).some(number => is(report.refused[number]));
    default:
      return term.value === "unexpected" ? cell => isUnexpected(cell.verdict)
        : changes.has(term.value) ? cell => cell.change === term.value
        : cell => cell.verdict === term.value;
  }
}

const texts = new Map();

// All that is shown of a row, and what its runtimes said.
function textOf(row) {
  if (!texts.has(row)) {
    const cells = row.cells.flatMap((cell, i) =>
      cell === null
        ? []
        : [report.runtimes[i].id, cell.verdict, cell.shown, cell.text ?? "", ...(cell.refused ?? []).map(number => report.refused[number])],
    );
    texts.set(
      row,
      [row.module, row.scenario, agreementWord(row.agreement), row.agreement?.sentence ?? "", ...cells].join("\n").toLowerCase(),
    );
  }
  return texts.get(row);
}

/**
 * What a filter lets through: { rows: [{ row, hits }], columns }. Hits are the columns of the cells that it is about; where no term is
 * about cells, all are. The terms about cells must hold of the same
 * cell, and runtime: leaves the other columns out.
 */
export function filter(terms) {
  const turn = (test, not) => not ? (...values) => !test(...values) : test;
  const rowTests = [], cellTests = [], columnTests = [];
  for (const term of terms) {
    const test = ofRow(term);
    if (test !== null) rowTests.push(turn(test, term.not));
    else (term.key === "runtime" ? columnTests : cellTests).push(turn(ofCell(term), term.not));
  }
  const columns = report.runtimes.map((_, i) => i).filter(i => columnTests.every(test => test(null, report.runtimes[i])));
  const rows = [];
  for (const row of report.rows) {
    if (!rowTests.every(test => test(row))) continue;
    const hits = columns.filter(i => row.cells[i] !== null && cellTests.every(test => test(row.cells[i], report.runtimes[i])));
    if (hits.length > 0 || (cellTests.length === 0 && columnTests.length === 0)) rows.push({ row, hits });
  }
  return { rows, columns };
}

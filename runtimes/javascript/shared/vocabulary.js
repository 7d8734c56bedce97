// The words of phases, outcomes and traps. Generated from Conformance.Model by the test VocabularyTests, which also finds out
// when they are not the same any more.

export const Phase = Object.freeze({
  load: "load",
  compile: "compile",
  link: "link",
  start: "start",
  run: "run",
  observe: "observe",
});

export const Code = Object.freeze({
  unknownImport: "unknown-import",
  incompatibleType: "incompatible-type",
  incompatibleKind: "incompatible-kind",
  incompatibleLimits: "incompatible-limits",
  unknownModule: "unknown-module",
  unchecked: "unchecked",
  malformed: "malformed",
  unsupportedFeature: "unsupported-feature",
  noEntry: "no-entry",
  noMemory: "no-memory",
  invalidExit: "invalid-exit",
  unsupportedKind: "unsupported-kind",
  unprovidable: "unprovidable",
  resourceExhausted: "resource-exhausted",
  hostCallFailed: "host-call-failed",
  crashed: "crashed",
  timedOut: "timed-out",
  protocolError: "protocol-error",
  unavailable: "unavailable",
  skipped: "skipped",
  unmapped: "unmapped",
});

export const Trap = Object.freeze({
  unreachable: "trap:unreachable",
  integerDivideByZero: "trap:integer divide by zero",
  integerOverflow: "trap:integer overflow",
  invalidConversion: "trap:invalid conversion to integer",
  memoryOutOfBounds: "trap:out of bounds memory access",
  tableOutOfBounds: "trap:out of bounds table access",
  undefinedElement: "trap:undefined element",
  uninitializedElement: "trap:uninitialized element",
  indirectCallTypeMismatch: "trap:indirect call type mismatch",
  callStackExhausted: "trap:call stack exhausted",
  unlinkedImport: "trap:unlinked import",
});

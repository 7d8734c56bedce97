// What JavaScript engines say, and what it means. Of a table, the first row whose pattern is found counts. Each row has its engine, and an
// example, as that said it: a test finds every row by its example.
import { Code, OPCODES, Trap } from "./vocabulary.js";

/** The proposal of an opcode of two parts or one; undefined where WebAssembly 1.0 has it, or nobody. */
const byOpcode = (first, second = first === 0xfc ? -1 : 0) => {
  const opcode = first >= 0xfb && first <= 0xfe ? first * 0x10000 + second : first;
  return OPCODES.find(([from, to]) => from <= opcode && opcode <= to)?.[2];
};

/** The proposal of a bit in the flags of limits. */
const byLimits = flags => {
  if (flags > 0xf) return undefined;
  return flags & 8 ? "custom-page-sizes" : flags & 4 ? "memory64" : flags & 2 ? "threads" : undefined;
};

/** Traps, by the names of the specification's tests. For an element that is null and one of another type, V8 11 and 12 have one text. */
export const TRAPS = [
  ["V8", /^unreachable$/, Trap.unreachable, "unreachable"],
  ["V8", /divide by zero/, Trap.integerDivideByZero, "divide by zero"],
  ["V8", /remainder by zero/, Trap.integerDivideByZero, "remainder by zero"],
  ["V8", /divide result unrepresentable/, Trap.integerOverflow, "divide result unrepresentable"],
  ["V8", /float unrepresentable/, Trap.invalidConversion, "float unrepresentable in integer range"],
  ["V8", /array element access out of bounds/, Trap.arrayOutOfBounds, "array element access out of bounds"],
  ["V8", /memory access out of bounds/, Trap.memoryOutOfBounds, "memory access out of bounds"],
  [
    "V8",
    /data segment( \d+)? is out of bounds/,
    Trap.memoryOutOfBounds,
    "WebAssembly.instantiate(): data segment 0 is out of bounds (offset 65535, length 2, memory size 65536)",
  ],
  ["V8", /^WebAssembly\.\w+\(\): table index/, Trap.tableOutOfBounds, "WebAssembly.Instance(): table index is out of bounds"],
  ["V8", /table (index|access) is out of bounds|table index is out/, Trap.undefinedElement, "table index is out of bounds"],
  ["V8", /null function or function signature/, Trap.uninitializedElement, "null function or function signature mismatch"],
  ["V8", /null function/, Trap.uninitializedElement, "null function"],
  ["V8", /function signature mismatch/, Trap.indirectCallTypeMismatch, "function signature mismatch"],
  ["V8", /dereferencing a null pointer/, Trap.nullReference, "dereferencing a null pointer"],
  ["V8", /illegal cast/, Trap.castFailure, "illegal cast"],
  ["V8", /does not support unaligned accesses/, Trap.unalignedAtomic, "operation does not support unaligned accesses"],
  ["V8", /^Atomics\.wait cannot be called/, Trap.expectedSharedMemory, "Atomics.wait cannot be called in this context"],
  ["SpiderMonkey", /^unreachable executed/, Trap.unreachable, "unreachable executed"],
  ["SpiderMonkey", /integer divide by zero/, Trap.integerDivideByZero, "integer divide by zero"],
  ["SpiderMonkey", /^integer overflow/, Trap.integerOverflow, "integer overflow"],
  ["SpiderMonkey", /invalid conversion to integer/, Trap.invalidConversion, "invalid conversion to integer"],
  ["SpiderMonkey", /table index out of bounds/, Trap.undefinedElement, "table index out of bounds"],
  ["SpiderMonkey", /index out of bounds$/, Trap.memoryOutOfBounds, "index out of bounds"],
  ["SpiderMonkey", /indirect call to null/, Trap.uninitializedElement, "indirect call to null"],
  ["SpiderMonkey", /indirect call signature mismatch/, Trap.indirectCallTypeMismatch, "indirect call signature mismatch"],
  ["JavaScriptCore", /^Unreachable code should not be executed/, Trap.unreachable, "Unreachable code should not be executed"],
  ["JavaScriptCore", /[Dd]ivision by zero/, Trap.integerDivideByZero, "Division by zero"],
  ["JavaScriptCore", /Integer overflow/, Trap.integerOverflow, "Integer overflow"],
  ["JavaScriptCore", /Out of bounds Trunc/, Trap.invalidConversion, "Out of bounds Trunc operation"],
  ["JavaScriptCore", /Out of bounds memory access/, Trap.memoryOutOfBounds, "Out of bounds memory access"],
  ["JavaScriptCore", /Out of bounds table access/, Trap.tableOutOfBounds, "Out of bounds table access"],
  ["JavaScriptCore", /call_indirect to a null/, Trap.uninitializedElement, "call_indirect to a null table entry"],
  ["JavaScriptCore", /call_indirect to a signature/, Trap.indirectCallTypeMismatch, "call_indirect to a signature that does not match"],
];

/**
 * What does not link. A value of another kind than the import's and one that is not there have the same words in every engine: both are the
 * former here. V8 names imports in two forms, with `module="env" function="f"` until version 12.
 */
export const LINKS = [
  [
    "V8",
    /module is not an object or function/,
    Code.unknownModule,
    'WebAssembly.Instance(): Import #0 "env": module is not an object or function',
  ],
  [
    "V8",
    /mismatch in shared state|does not match the expected|cannot import i\d+ (memory|table) as/,
    Code.incompatibleType,
    'WebAssembly.Instance(): Import #0 "env" "f": imported function does not match the expected type',
  ],
  [
    "V8",
    /is smaller than (initial|the declared initial)|has a larger maximum size|has no maximum (limit|length)/,
    Code.incompatibleLimits,
    'WebAssembly.Instance(): Import #0 "env" "mem": memory import has 1 pages which is smaller than the declared initial of 2',
  ],
  [
    "V8",
    /requires a callable|requires a WebAssembly\.|must be a WebAssembly\.|must be a number|function-typed object must be/,
    Code.incompatibleKind,
    'WebAssembly.Instance(): Import #0 module="env" function="f" error: function import requires a callable',
  ],
  ["SpiderMonkey", /^import object field '.*' is not an Object$/s, Code.unknownModule, "import object field 'env' is not an Object"],
  [
    "SpiderMonkey",
    /^import object field '.*' is not a (Function|Memory|Table|Tag|Number|BigInt)/s,
    Code.incompatibleKind,
    "import object field 'f' is not a Function",
  ],
  [
    "SpiderMonkey",
    /^imported (Memory|Table) with incompatible (maximum )?size/,
    Code.incompatibleLimits,
    "imported Memory with incompatible maximum size",
  ],
  [
    "SpiderMonkey",
    /^imported (.* signature|global type|global mutability) mismatch|^imported unshared memory but shared required/s,
    Code.incompatibleType,
    "imported function 'env.f' signature mismatch",
  ],
  ["JavaScriptCore", /^import .* must be an object/s, Code.unknownModule, "import env:f must be an object"],
  [
    "JavaScriptCore",
    /signature doesn't match the |must be a same (type|mutability)|provided a 'shared' that is different/,
    Code.incompatibleType,
    "imported function env:f signature doesn't match the provided WebAssembly function's signature",
  ],
  [
    "JavaScriptCore",
    /provided an? '(size|initial|maximum)' that is (smaller|larger|too small)|did not have a 'maximum'/,
    Code.incompatibleLimits,
    "Memory import env:mem provided a 'size' that is smaller than the module's declared 'initial' import memory size",
  ],
  [
    "JavaScriptCore",
    /must be callable|is not an instance of WebAssembly\.|must be a (number|BigInt)/,
    Code.incompatibleKind,
    "import function env:f must be callable",
  ],
];

/**
 * Proposals that are not switched on: the third column, or the group, is the proposal's name in the engine's words; a function gives it by
 * the groups, which are what the engine does not know.
 */
export const FEATURES = [
  [
    "V8",
    /--(?:experimental-wasm-|experimental-|wasm-)([\w-]+)/,
    null,
    "WebAssembly.Module(): invalid memory limits flags 0x4 (enable via --experimental-wasm-memory64) @+11",
  ],
  [
    "V8",
    /unknown import kind 0x7[ef]/,
    "compact-imports",
    "WebAssembly.Module(): unknown import kind 0x7e @+32",
  ],
  ["V8", /memory count of \d+ exceeds internal limit of 1\b/, "multi-memory", "memory count of 2 exceeds internal limit of 1 @+10"],
  [
    "V8",
    /opcode i(?:32|64)\.(?:add|sub|mul) is not allowed in constant expressions/,
    "extended-const",
    "WebAssembly.Module(): opcode i32.add is not allowed in constant expressions @+14",
  ],
  [
    "V8",
    /[Ii]nvalid (?:\w+ )?opcode:? 0x([0-9a-f]{2})([0-9a-f]*)/,
    (first, second) => byOpcode(Number.parseInt(first, 16), second ? Number.parseInt(second, 16) : undefined),
    "WebAssembly.Module(): Compiling function #0 failed: Invalid opcode 0x1f @+30",
  ],
  [
    "V8",
    /invalid (?:memory|table elements) limits flags 0x([0-9a-f]+)/,
    flags => byLimits(Number.parseInt(flags, 16)),
    "WebAssembly.Module(): invalid memory limits flags 0x8 @+11",
  ],
  [
    "SpiderMonkey",
    /unrecognized opcode: ([0-9a-f]{2})(?: ([0-9a-f]+))?/,
    (first, second) => byOpcode(Number.parseInt(first, 16), second ? Number.parseInt(second, 16) : undefined),
    "at offset 31: unrecognized opcode: fc 16",
  ],
  [
    "SpiderMonkey",
    /unexpected bits set in flags: (\d+)/,
    flags => byLimits(Number.parseInt(flags, 10)),
    "at offset 12: unexpected bits set in flags: 8",
  ],
  [
    "SpiderMonkey",
    /^(?:wasm validation error: )?at offset \d+: ([\w -]+) (?:is )?not enabled/,
    null,
    "at offset 15: stack switching is not enabled",
  ],
  ["JavaScriptCore", /: ([\w -]+) is not enabled/, null, "WebAssembly.Module doesn't parse at byte 12: Memory64 is not enabled"],
  [
    "JavaScriptCore",
    /([\w-]+ [\w-]+) instructions not supported/,
    null,
    "WebAssembly.Module doesn't parse at byte 9: relaxed simd instructions not supported, in function at index 0",
  ],
  [
    "JavaScriptCore",
    /invalid 0x(f[bcde]) extended op (\d+)/,
    (first, second) => byOpcode(Number.parseInt(first, 16), Number.parseInt(second, 10)),
    "WebAssembly.Module doesn't parse at byte 31: invalid 0xfc extended op 22, in function at index 0",
  ],
  [
    "JavaScriptCore",
    /resizable limits flag (?:should be .* but|are not valid) (?:0x)?([0-9a-f]+)/,
    flags => byLimits(Number.parseInt(flags, 16)),
    "WebAssembly.Module doesn't parse at byte 12: resizable limits flag should be 0x00, 0x01, or 0x03 but 0x04",
  ],
  [
    "JavaScriptCore",
    /has more than one memory/,
    "multi-memory",
    "WebAssembly.Module doesn't parse at byte 9: Memory section has more than one memory, WebAssembly currently only allows zero or one",
  ],
];

/** Values that no function of JavaScript can take or give, and several where a host function gives one: told when it is called. */
export const UNPASSABLE = [
  ["V8", /type incompatibility when transforming from\/to JS/, "type incompatibility when transforming from/to JS"],
  ["V8", /(is not|must be) iterable/, "number 0 is not iterable (cannot read property Symbol(Symbol.iterator))"],
  ["SpiderMonkey", /cannot pass value to or from JS/, "cannot pass value to or from JS"],
];

/** A number of another type than the import's, from a function of JavaScript that is not ours: told when it has returned. */
export const MISTYPED = [["V8", /Cannot (convert|mix) .*BigInt/, "Cannot convert 28 to a BigInt"]];

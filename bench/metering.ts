// What the meter costs and how even its units are. "Price": the loan contract in the metered interpreter against the one
// without a meter, by turns in one process. "Kinds": the processor's time for a unit of fuel, for 17 kinds of work, each
// for two seconds after a warm-up; the spread is the dearest against the cheapest.
import { readFileSync } from "node:fs";
import { toBinary } from "@bufbuild/protobuf";
import { abiLimits, buildContract, bundleHeaderLine } from "@p8e/contract";
import { openSandbox } from "@p8e/engine";
import { contractEntry, inputSchemas, type LoanPackage, loadSamplePackage } from "@p8e/example-loan";
import { type WasmModule, webAssembly } from "../packages/engine/src/sandbox/web-assembly.ts";

const SECONDS = 2;
const ROUNDS = 40;

const engine = new URL("../packages/engine/", import.meta.url);
const prelude = readFileSync(new URL("src/sandbox/prelude.js", engine));
const encoder = new TextEncoder();

interface InterpreterExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  /** Absent without a meter. */
  readonly fuel?: { value: bigint };
  allocate(size: number): number;
  open(...numbers: number[]): number;
  load(...numbers: number[]): number;
  ask(...numbers: number[]): number;
}

/** An interpreter with a bundle in it. */
function started(module: WasmModule, bundle: Uint8Array) {
  const end = (reason: number): never => {
    throw new Error(`ended for reason ${reason}`);
  };
  const guest = new webAssembly.Instance(module, { p8e: { end } }).exports as InterpreterExports;
  const refuel = (units: number): void => {
    if (guest.fuel !== undefined) guest.fuel.value = BigInt(units);
  };
  const placed = (bytes: Uint8Array): readonly number[] => {
    const at = guest.allocate(bytes.length);
    new Uint8Array(guest.memory.buffer).set(bytes, at);
    return [at, bytes.length];
  };
  refuel(Number.MAX_SAFE_INTEGER);
  guest.open(...placed(prelude), abiLimits.memoryBytes, abiLimits.stackBytes, 2048);
  guest.load(...placed(bundle));
  const ask = (operation: string, argument: string, payload = new Uint8Array(0)): number =>
    guest.ask(...placed(encoder.encode(operation)), ...placed(encoder.encode(argument)), ...placed(payload));
  return { ask, refuel, left: () => Number(guest.fuel?.value ?? 0n) };
}

function milliseconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

const module = (name: string) => new webAssembly.Module(readFileSync(new URL(`interpreter/${name}`, engine)));
const metered = module("interpreter.metered.wasm");

// --- price ---------------------------------------------------------------------------------------------------------------

const loan = await loadSamplePackage("sound");
const values = (Object.keys(inputSchemas) as (keyof LoanPackage)[]).map(
  (name) => [name, toBinary(inputSchemas[name], loan[name] as never)] as const,
);
const payload = Buffer.concat(values.map(([, bytes]) => bytes));
const inputs = values.map(([name, { length }], at) => {
  const offset = values.slice(0, at).reduce((sum, [, bytes]) => sum + bytes.length, 0);
  return [name, offset, length] as const;
});
const index = JSON.stringify({ startedAt: { seconds: "1800000000", nanos: 0 }, records: [], inputs });
await using sandbox = openSandbox();
const { bundle, manifest } = await buildContract({
  entry: contractEntry,
  describe: (built) => sandbox.describe(built),
});

const both = [module("interpreter.wasm"), metered].map((each) => started(each, bundle));
const work = ({ ask, refuel }: (typeof both)[number]): void => {
  refuel(Number.MAX_SAFE_INTEGER);
  ask("load", index, payload);
  for (const { name, inputs: taken } of manifest.functions) {
    // The sample does not propose what nobody records any more.
    if (taken.every((input) => inputs.some(([given]) => given === input.name))) ask("call", name);
  }
};
const samples: number[][] = both.map(() => []);
for (let round = 0; round < ROUNDS; round++) {
  for (const [at, one] of both.entries()) samples[at]!.push(milliseconds(() => work(one)));
}
const [plain, charged] = samples.map((each) => each.sort((a, b) => a - b)[ROUNDS >> 1]!) as [number, number];
console.log(`\nloan package, ${payload.length} bytes, median of ${ROUNDS}`);
console.log(
  `  without a meter ${plain.toFixed(2)} ms, with it ${charged.toFixed(2)} ms: ${(charged / plain).toFixed(3)}`,
);
const taken = Number.MAX_SAFE_INTEGER - both[1]!.left();
console.log(`  fuel ${taken}: ${((100 * taken) / abiLimits.fuel).toFixed(2)} % of an execution's`);

// --- kinds ---------------------------------------------------------------------------------------------------------------

const kinds: Readonly<Record<string, string>> = {
  loop: "for (;;);",
  add: "let n = 0; for (;;) n = (n + 1) | 0;",
  calls: "const f = (x) => x; for (;;) f(1);",
  objects: "for (;;) ({ a: 1 });",
  cycles: "for (;;) { const a = {}; a.a = a; }",
  strings: "let n = 0; for (;;) 'x' + n++;",
  bigint: "let x = 1n; for (;;) x = (x * 3n) % 1000003n;",
  atoms: "let n = 0; for (;;) Symbol('s' + n++);",
  backtracking: "/^(a+)+$/.test('a'.repeat(80) + 'b');",
  matching: "for (;;) /(\\d+)-(\\d+)/.exec('12345-67890');",
  sort: "for (;;) [3, 1, 2].sort();",
  json: "for (;;) JSON.stringify({ a: [1, 2, 3] });",
  map: "const m = new Map(); for (let i = 0; ; i = (i + 1) % 1000) m.set(i, i);",
  spread: "const a = [1, 2, 3]; for (;;) [...a];",
  "large bigint": "const b = 3n ** 2000n; for (;;) b * b;",
  slices: "const s = 'x'.repeat(1e5); for (let i = 1; ; i = (i + 1) % 99) s.slice(i);",
  filling: "const u = new Uint8Array(1e6); for (;;) u.fill(1);",
};
const bodies = Object.entries(kinds).map(([name, body]) => `${JSON.stringify(name)}: () => { ${body} }`);
const kindsBundle = encoder.encode(
  `${bundleHeaderLine("bench.Kinds")}const kinds = { ${bodies.join(", ")} };
export const describe = () => "{}"; export const load = () => {}; export const call = (name) => kinds[name]();`,
);
const prices = Object.keys(kinds).map((name) => {
  const spend = (units: number): number =>
    milliseconds(() => {
      const guest = started(metered, kindsBundle);
      guest.refuel(units);
      try {
        guest.ask("call", name);
      } catch {
        return;
      }
    });
  const warm = 400_000_000;
  spend(warm);
  const units = Math.round((warm * SECONDS * 1000) / spend(warm));
  return { name, picoseconds: (1e9 * spend(units)) / units };
});
console.log("\nprocessor's time for a unit of fuel");
for (const { name, picoseconds } of prices) console.log(`  ${name.padEnd(14)}${picoseconds.toFixed(0).padStart(6)} ps`);
const times = prices.map(({ picoseconds }) => picoseconds);
console.log(`  spread ${(Math.max(...times) / Math.min(...times)).toFixed(2)}`);

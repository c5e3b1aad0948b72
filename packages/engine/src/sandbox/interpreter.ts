import type { ExecutionLimits } from "@p8e/contract";
import { type WasmCounter, type WasmMemory, type WasmModule, webAssembly } from "./web-assembly.ts";

/** The interpreter, and the script that stands between it and the bundle. */
export interface InterpreterBuild {
  readonly wasm: WasmModule;
  /** The source of prelude.js. */
  readonly prelude: string;
}

/**
 * QuickJS in a WebAssembly instance of its own, with the prelude run (interpreter/interpreter.c is its other side). All
 * its state is memory, so that {@link MemoryImage} is exact; the counter of fuel alone stands outside of it.
 *
 * An interpreter is used for one purpose and dropped with its memory; nothing in it is ever freed one by one.
 */
export interface Interpreter {
  /** What is left. Below zero the run has ended, and the interpreter is in no usable state. */
  fuel: number;
  /** Loads a module and gives what it exports to the prelude. @throws RunEnded */
  load(code: Uint8Array): InterpreterAnswer;
  /** Asks the prelude. @throws RunEnded */
  ask(operation: string, argument?: string, payload?: Uint8Array): InterpreterAnswer;
  image(): MemoryImage;
}

/** What the prelude answers; `length` can be looked at before it is read. Undefined for what no prelude answers. */
export type InterpreterAnswer =
  | { readonly kind: "text" | "bytes"; readonly length: number; readonly read: () => Uint8Array }
  | undefined;

/** An interpreter's whole state between two calls. */
export interface MemoryImage {
  /** All of the memory that is not zero, and the places it goes to. */
  readonly blocks: readonly MemoryBlock[];
  readonly pages: number;
}

interface MemoryBlock {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** Which limit a run reached: the numbers that interpreter and meter give to the one function they import. */
const endings = ["fuel", "memory", "stack", "machine"] as const;

/** A run reached a limit. It is thrown through the interpreter, which is in no usable state afterwards. */
export class RunEnded extends Error {
  readonly limit: "fuel" | "memory" | "stack";

  constructor(limit: "fuel" | "memory" | "stack") {
    super(`the run reached the limit of ${limit}`);
    this.limit = limit;
  }
}

/** `interpreter.c` has one function for each of these. */
interface InterpreterExports {
  readonly memory: WasmMemory;
  readonly fuel: WasmCounter;
  allocate(size: number): number;
  open(prelude: number, length: number, memoryBytes: number, stackBytes: number, pages: number): number;
  load(code: number, length: number): number;
  ask(...textsAndLengths: number[]): number;
  result(): number;
  resultLength(): number;
}

const PAGE = 65_536;
/** Room for what the guest's limit does not count: the interpreter itself, the values handed in, allocation slack. */
const PAGES_EXTRA = 512;
/** What the prelude may cost; it is the same for everybody and nobody's to pay. */
const PRELUDE_FUEL = 10_000_000_000n;

const kinds = ["bytes", "text"] as const;

/** A new interpreter in a memory of its own, or one in the state of an image. Its fuel is to be set. */
export function startInterpreter(
  { wasm, prelude }: InterpreterBuild,
  limits: ExecutionLimits,
  image?: MemoryImage,
): Interpreter {
  const instance = new webAssembly.Instance(wasm, { p8e: { end } });
  const guest = instance.exports as InterpreterExports;
  const memory = (): Uint8Array => new Uint8Array(guest.memory.buffer);
  const placed = (bytes: Uint8Array): readonly [number, number] => {
    const pointer = guest.allocate(bytes.length) >>> 0;
    memory().set(bytes, pointer);
    return [pointer, bytes.length];
  };
  const answered = (kind: number): InterpreterAnswer => {
    const name = kinds[kind];
    if (name === undefined) return undefined;
    const [start, length] = [guest.result() >>> 0, guest.resultLength() >>> 0];
    return { kind: name, length, read: () => memory().slice(start, start + length) };
  };

  if (image === undefined) {
    guest.fuel.value = PRELUDE_FUEL;
    const pages = Math.ceil((limits.memoryBytes + limits.inputBytes) / PAGE) + PAGES_EXTRA;
    const [at, length] = placed(encoder.encode(prelude));
    if (kinds[guest.open(at, length, limits.memoryBytes, limits.stackBytes, pages)] !== "text") {
      throw new Error("broken invariant: the prelude failed");
    }
  } else {
    restore(guest.memory, image);
  }

  return {
    get fuel() {
      return Number(guest.fuel.value);
    },
    set fuel(left) {
      guest.fuel.value = BigInt(left);
    },
    load: (code) => answered(guest.load(...placed(code))),
    ask: (operation, argument = "", payload = new Uint8Array(0)) =>
      answered(
        guest.ask(...placed(encoder.encode(operation)), ...placed(encoder.encode(argument)), ...placed(payload)),
      ),
    image: () => ({ blocks: usedBlocks(memory()), pages: guest.memory.buffer.byteLength / PAGE }),
  };
}

const encoder = new TextEncoder();

function end(reason: number): never {
  const limit = endings[reason];
  if (limit === undefined) throw new Error("broken invariant: a run ended for no reason that is known");
  // Whether the guest gets memory must not depend on how much the machine has left.
  if (limit === "machine") throw new RangeError("the machine has no memory left for the sandbox");
  throw new RunEnded(limit);
}

function restore(memory: WasmMemory, { blocks, pages }: MemoryImage): void {
  const missing = pages - memory.buffer.byteLength / PAGE;
  if (missing > 0) memory.grow(missing);
  const bytes = new Uint8Array(memory.buffer);
  // The module's own data, where an image has nothing.
  bytes.fill(0);
  for (const block of blocks) bytes.set(block.bytes, block.offset);
}

const BLOCK = 4096;

/** The blocks that are not all zero, joined where they meet. */
function usedBlocks(memory: Uint8Array): readonly MemoryBlock[] {
  const zeros = Buffer.alloc(BLOCK);
  const isUsed = (at: number): boolean => at < memory.length && zeros.compare(memory, at, at + BLOCK) !== 0;
  const blocks: MemoryBlock[] = [];
  for (let at = 0; at < memory.length; at += BLOCK) {
    const offset = at;
    while (isUsed(at)) at += BLOCK;
    if (at > offset) blocks.push({ offset, bytes: memory.slice(offset, at) });
  }
  return blocks;
}

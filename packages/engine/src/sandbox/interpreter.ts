import type {
  BorrowedHeapCharPointer,
  EmscriptenModuleLoader,
  EvalDetectModule,
  EvalFlags as EvalFlagsType,
  IntrinsicsFlags,
  JSContextPointer,
  JSRuntimePointer,
  JSValueConstPointerPointer,
  JSValuePointer,
  JSVoidPointer,
  QuickJSEmscriptenModule,
  QuickJSFFI,
} from "@jitl/quickjs-ffi-types";
import type { ExecutionLimits } from "@p8e/contract";
import { pinnedImports } from "./pinned-imports.ts";
import { type WasmMemory, webAssembly } from "./web-assembly.ts";

/**
 * QuickJS in a WebAssembly instance of its own, driven through the build's raw functions: the layer above them keeps
 * state outside of the instance's memory, and then a copy of the memory would not be the whole interpreter. Here all
 * state is memory, so {@link MemoryImage} is exact.
 *
 * An interpreter is used for one purpose and dropped with its memory; nothing in it is ever freed one by one.
 */
export interface Interpreter {
  /** Runs a script; its completion value. @throws GuestException, FuelExhausted, MemoryExhausted */
  evaluateScript(code: string, fileName: string): GuestValue;
  /** Runs a module; its namespace, or a promise if it awaits. @throws GuestException, FuelExhausted, MemoryExhausted */
  evaluateModule(code: Uint8Array, fileName: string): GuestValue;
  /** @throws GuestException, FuelExhausted, MemoryExhausted */
  call(callee: GuestValue, ...values: readonly GuestValue[]): GuestValue;
  text(value: string): GuestValue;
  bytes(value: Uint8Array): GuestValue;
  /** A text or a buffer, copied out; undefined for any other type, and for more bytes than `lengthMax`. */
  read(value: GuestValue, lengthMax: number): string | Uint8Array | "too long" | undefined;
  /** Fuel spent since the last call of this. */
  takeFuel(): number;
  /** The most that was allocated so far, roughly: what the instance had to claim. It never shrinks. */
  readonly claimedBytes: number;
  /** Lets the guest say what went wrong after it ran out of memory. */
  liftMemoryLimit(): void;
  /** `kept` are the values that will be used after a restore. */
  image(kept: readonly GuestValue[]): MemoryImage;
}

/** A pointer to a JavaScript value inside the instance. */
export type GuestValue = JSValuePointer;

/** An interpreter's whole state between two calls. */
export interface MemoryImage {
  /** All that differs from the memory of a new instance, and the places it goes to. */
  readonly blocks: readonly MemoryBlock[];
  readonly pages: number;
  readonly runtime: JSRuntimePointer;
  readonly context: JSContextPointer;
  /** Where the runtime counts its allocated bytes. */
  readonly allocatedAt: number;
  readonly kept: readonly GuestValue[];
}

interface MemoryBlock {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** Something was thrown inside; `value` is what. */
export class GuestException extends Error {
  readonly value: GuestValue;

  constructor(value: GuestValue) {
    super("thrown by the guest");
    this.value = value;
  }
}

/** More fuel was wanted than there is. The interpreter is in no usable state afterwards. */
export class FuelExhausted extends Error {}

/** As good as all memory is taken, and the guest goes on. The interpreter is in no usable state afterwards. */
export class MemoryExhausted extends Error {}

/** The parts of the QuickJS build, loaded once per thread. `wasm` is compiled once per process. */
export interface InterpreterBuild {
  readonly wasm: WebAssembly.Module;
  readonly load: EmscriptenModuleLoader<QuickJSEmscriptenModule>;
  readonly Ffi: new (module: QuickJSEmscriptenModule) => QuickJSFFI;
}

const PAGE = 65_536;
/** What the build declares as its least memory. */
const PAGES_MIN = 256;
/** Room for what the guest's limit does not count: the interpreter itself, the values handed in, allocation slack. */
const PAGES_EXTRA = 512;

/**
 * Some places of the interpreter swallow a failed allocation (a job that does not fit into the queue is just not there).
 * A guest that keeps going like that is stopped when less than this is left.
 */
const MEMORY_RESERVE = PAGE;

const MODULE = 1 as EvalFlagsType;
const STRICT_SCRIPT = 8 as EvalFlagsType;
const NO_DETECTION = 0 as EvalDetectModule;
const ALL_INTRINSICS = 0 as IntrinsicsFlags;

/** A new interpreter in a memory of its own, or one in the state of an image. */
export async function startInterpreter(
  build: InterpreterBuild,
  limits: ExecutionLimits,
  image?: MemoryImage,
): Promise<Interpreter> {
  const maximum = Math.ceil((limits.memoryBytes + limits.inputBytes) / PAGE) + PAGES_EXTRA;
  const memory = new webAssembly.Memory({ initial: image?.pages ?? PAGES_MIN, maximum });
  const quiet = { print: () => {}, printErr: () => {} };
  const module = await build.load({
    ...quiet,
    wasmMemory: memory,
    instantiateWasm(imports, onSuccess) {
      const instance = new webAssembly.Instance(build.wasm, pinnedImports(imports, memory, maximum * PAGE));
      onSuccess(instance);
      return instance.exports;
    },
  });
  const ffi = new build.Ffi(module);
  let fuel = 0;
  let taken = 0;
  module.callbacks = {
    // Thrown through the interpreter rather than raised in it: there, an async function could swallow it and go on.
    shouldInterrupt() {
      if (++fuel - taken > limits.fuelPerFunction) throw new FuelExhausted();
      if (allocatedBytes() > limits.memoryBytes - MEMORY_RESERVE) throw new MemoryExhausted();
      return 0;
    },
    callFunction: unexpected,
    loadModuleSource: unexpected,
    normalizeModule: unexpected,
    freeHostRef: unexpected,
  };
  // The build's own constants, which a new instance has; all else in it is zero.
  const constants = image === undefined ? usedBlocks(module.HEAPU8) : new Set<number>();
  for (const { offset, bytes } of image?.blocks ?? []) module.HEAPU8.set(bytes, offset);
  const runtime = image?.runtime ?? newRuntime(ffi, limits);
  const context = image?.context ?? ffi.QTS_NewContext(runtime, ALL_INTRINSICS);
  const allocatedAt = image?.allocatedAt ?? findAllocatedBytes(memory, runtime, limits.memoryBytes);
  const allocatedBytes = (): number => new DataView(memory.buffer).getUint32(allocatedAt, true);

  const checked = (value: GuestValue): GuestValue => {
    const thrown = ffi.QTS_ResolveException(context, value);
    if (thrown !== 0) throw new GuestException(thrown);
    return value;
  };
  const allocate = (size: number): number => {
    const pointer = module._malloc(size);
    if (pointer === 0) throw new RangeError("the interpreter's memory is full");
    return pointer;
  };
  const nullTerminated = (bytes: Uint8Array): BorrowedHeapCharPointer => {
    const pointer = allocate(bytes.length + 1);
    module.HEAPU8.set(bytes, pointer);
    module.HEAPU8[pointer + bytes.length] = 0;
    return pointer as BorrowedHeapCharPointer;
  };
  const evaluate = (code: Uint8Array, fileName: string, flags: EvalFlagsType): GuestValue => {
    const pointer = nullTerminated(code);
    const value = checked(ffi.QTS_Eval(context, pointer, code.length, fileName, NO_DETECTION, flags));
    module._free(pointer);
    return value;
  };
  const typeOf = (value: GuestValue): string => {
    const pointer = ffi.QTS_Typeof(context, value);
    const text = module.UTF8ToString(pointer);
    module._free(pointer);
    return text;
  };

  return {
    evaluateScript: (code, fileName) => evaluate(encoder.encode(code), fileName, STRICT_SCRIPT),
    evaluateModule: (code, fileName) => evaluate(code, fileName, MODULE),
    call(callee, ...values) {
      const list = allocate(values.length * 4 + 4);
      const view = new DataView(memory.buffer, list);
      for (const [index, value] of values.entries()) view.setUint32(index * 4, value, true);
      const self = ffi.QTS_GetUndefined();
      const result = ffi.QTS_Call(context, callee, self, values.length, list as JSValueConstPointerPointer);
      module._free(list);
      return checked(result);
    },
    text: (value) => checked(ffi.QTS_NewString(context, nullTerminated(encoder.encode(value)))),
    bytes(value) {
      const pointer = allocate(value.length);
      module.HEAPU8.set(value, pointer);
      return checked(ffi.QTS_NewArrayBuffer(context, pointer as JSVoidPointer, value.length));
    },
    read(value, lengthMax) {
      const type = typeOf(value);
      if (type === "string") {
        const pointer = ffi.QTS_GetString(context, value);
        if (pointer === 0) return undefined;
        const start: number = pointer;
        const end = module.HEAPU8.indexOf(0, start);
        if (end - start > lengthMax) return "too long";
        return decoder.decode(module.HEAPU8.subarray(start, end));
      }
      if (type !== "object") return undefined;
      const start: number = ffi.QTS_GetArrayBuffer(context, value);
      const length = ffi.QTS_GetArrayBufferLength(context, value);
      if (length < 0 || (start === 0 && length > 0)) return undefined;
      return length > lengthMax ? "too long" : module.HEAPU8.slice(start, start + length);
    },
    takeFuel() {
      const spent = fuel - taken;
      taken = fuel;
      return spent;
    },
    get claimedBytes() {
      return memory.buffer.byteLength;
    },
    liftMemoryLimit: () => ffi.QTS_RuntimeSetMemoryLimit(runtime, -1),
    image: (kept) => ({
      blocks: blocksOf(module.HEAPU8, constants),
      pages: memory.buffer.byteLength / PAGE,
      runtime,
      context,
      allocatedAt,
      kept,
    }),
  };
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

function newRuntime(ffi: QuickJSFFI, limits: ExecutionLimits): JSRuntimePointer {
  const runtime = ffi.QTS_NewRuntime();
  ffi.QTS_RuntimeSetMemoryLimit(runtime, limits.memoryBytes);
  ffi.QTS_RuntimeSetMaxStackSize(runtime, limits.stackBytes);
  ffi.QTS_RuntimeEnableInterruptHandler(runtime);
  return runtime;
}

/**
 * The runtime's record begins with its allocator: bytes allocated, then the limit. The limit is known, so the place is
 * found by it rather than counted out.
 */
function findAllocatedBytes(memory: WasmMemory, runtime: JSRuntimePointer, limit: number): number {
  const view = new DataView(memory.buffer);
  for (let at = runtime + 4; at < runtime + 64; at += 4) {
    const allocated = view.getUint32(at - 4, true);
    if (view.getUint32(at, true) === limit && allocated > 0 && allocated < limit) return at - 4;
  }
  throw new Error("broken invariant: the interpreter's runtime has another form");
}

/** No host function is ever given to the guest, and no module loader set, so nothing can call these. */
function unexpected(): never {
  throw new Error("broken invariant: the guest called the host");
}

const BLOCK = 4096;

/** Where the blocks begin that are not all zero. */
function usedBlocks(memory: Uint8Array): ReadonlySet<number> {
  const zeros = Buffer.alloc(BLOCK);
  const used = new Set<number>();
  for (let at = 0; at < memory.length; at += BLOCK) {
    if (zeros.compare(memory, at, at + BLOCK) !== 0) used.add(at);
  }
  return used;
}

/** The blocks that are used now or were before, joined where they meet. */
function blocksOf(memory: Uint8Array, before: ReadonlySet<number>): readonly MemoryBlock[] {
  const used = usedBlocks(memory);
  const isKept = (at: number): boolean => used.has(at) || before.has(at);
  const blocks: MemoryBlock[] = [];
  for (let at = 0; at < memory.length; at += BLOCK) {
    const offset = at;
    while (isKept(at)) at += BLOCK;
    if (at > offset) blocks.push({ offset, bytes: memory.slice(offset, at) });
  }
  return blocks;
}

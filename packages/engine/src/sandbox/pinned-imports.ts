import type { WasmMemory } from "./web-assembly.ts";

type HostFunction = (...values: number[]) => number;

/**
 * What the interpreter's build would learn of the machine, replaced by constants, so that its memory is the same
 * everywhere: no environment variables (among them the program's path and the user's language), a clock that stands
 * still, no time zone, no timer. The names are those that the build's own loader gives them; `compileInterpreter` holds
 * the build to one version.
 */
export function pinnedImports(imports: object, memory: WasmMemory, bytesMax: number): object {
  const { a: given } = imports as { readonly a: Readonly<Record<string, unknown>> };
  const grow = given.k as HostFunction;
  const pinned: Record<string, HostFunction> = {
    // emscripten_date_now
    p: () => 0,
    // environ_sizes_get
    f: (countAt = 0, sizeAt = 0) => {
      const view = new DataView(memory.buffer);
      view.setUint32(countAt, 0, true);
      view.setUint32(sizeAt, 0, true);
      return 0;
    },
    // environ_get
    e: () => 0,
    // _localtime_js, _tzset_js, _setitimer_js
    m: unreachable,
    n: unreachable,
    j: unreachable,
    // emscripten_resize_heap: whether the guest gets memory must not depend on how much the machine has left.
    k: (size = 0) => {
      const wanted = Math.max(size >>> 0, Math.ceil(memory.buffer.byteLength * LEAST_GROWTH));
      const granted = grow(size);
      if (!granted && wanted <= bytesMax) throw new RangeError("the machine has no memory left for the sandbox");
      return granted;
    },
  };
  return { ...imports, a: { ...given, ...pinned } };
}

/** The loader asks for a fifth more than there is, then for less and less, at last for this. */
const LEAST_GROWTH = 1.06;

function unreachable(): never {
  throw new Error("broken invariant: the interpreter asked for the time");
}

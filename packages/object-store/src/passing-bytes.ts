import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** How many bytes pass between two looks at what the process holds. */
const LOOK_BYTES = 4 * 1024 * 1024;
/** How much more than it needs the process may hold. */
const ROOM_BYTES = 16 * 1024 * 1024;

/**
 * Keeps memory flat while large objects stream through. Their bytes lie in buffers outside the JavaScript heap, each
 * dead as soon as it is passed on; but the collector goes by the heap, which hardly grows meanwhile, and lets 60 to 90
 * megabytes of dead buffers pile up, which the process then never gives back. So while bytes pass it is looked at what
 * lies outside the heap, and when that has grown the collector is called: for young buffers first, which takes a
 * millisecond or two, and for all when that did not help. What is really in use moves the mark up, so that a store with
 * much to hold does not call in vain.
 */
export class PassingBytes {
  readonly #collect: Collector | undefined = collector();
  readonly #floor = outsideBytes();
  #mark = this.#floor + ROOM_BYTES;
  #called: "nothing" | "young" | "all" = "nothing";
  #passed = 0;

  note(bytes: number): void {
    this.#passed += bytes;
    if (this.#passed < LOOK_BYTES || !this.#collect) return;
    this.#passed = 0;
    const held = outsideBytes();
    if (held < this.#mark || this.#called === "all") {
      this.#called = "nothing";
      const needed = Math.max(this.#floor, held) + ROOM_BYTES;
      this.#mark = held < this.#mark ? Math.min(this.#mark, needed) : needed;
      return;
    }
    // Buffers are freed in the background: whether the call helped shows at the next look.
    this.#called = this.#called === "young" ? "all" : "young";
    this.#collect(this.#called);
  }
}

type Collector = (what: "young" | "all") => void;

function outsideBytes(): number {
  return getHeapStatistics().external_memory;
}

/** V8 hands its collector out only under a flag, which may be set at any time; undefined in a runtime without it. */
function collector(): Collector | undefined {
  setFlagsFromString("--expose-gc");
  const gc: unknown = runInNewContext("typeof gc === 'function' ? gc : undefined");
  if (typeof gc !== "function") return undefined;
  return (what) => {
    gc({ type: what === "young" ? "minor" : "major" });
  };
}

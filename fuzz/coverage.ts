import { Session } from "node:inspector";

interface CoverageRange {
  readonly startOffset: number;
  readonly endOffset: number;
  readonly count: number;
}

interface ScriptCoverage {
  readonly scriptId: string;
  readonly url: string;
  readonly functions: readonly { readonly ranges: readonly CoverageRange[] }[];
}

/** V8's own count of which blocks of code ran, in this process. An edge is a block, and how often it ran, roughly. */
export class Coverage {
  readonly #session = new Session();
  readonly #seen = new Set<string>();

  constructor() {
    this.#session.connect();
    this.#post("Profiler.enable");
    this.#post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  }

  /** All that was seen. */
  get edges(): number {
    return this.#seen.size;
  }

  /** The edges that ran since the last question and never before. */
  take(): ReadonlySet<string> {
    const fresh = new Set([...this.#ran()].filter((edge) => !this.#seen.has(edge)));
    for (const edge of fresh) this.#seen.add(edge);
    return fresh;
  }

  /** Which of these edges ran since the last question. */
  among(edges: ReadonlySet<string>): ReadonlySet<string> {
    return new Set([...this.#ran()].filter((edge) => edges.has(edge)));
  }

  #ran(): Set<string> {
    const { result } = this.#post("Profiler.takePreciseCoverage") as { readonly result: readonly ScriptCoverage[] };
    const edges = new Set<string>();
    for (const { scriptId, url, functions } of result) {
      if (!isOurs(url)) continue;
      for (const { ranges } of functions) {
        for (const { startOffset, endOffset, count } of ranges) {
          if (count === 0) continue;
          edges.add(`${scriptId}:${startOffset}-${endOffset}*${Math.min(10, Math.ceil(Math.log2(count)))}`);
        }
      }
    }
    return edges;
  }

  /** V8 answers within the call. */
  #post(method: string, params: object = {}): unknown {
    let answer: unknown;
    this.#session.post(method, params, (error, result) => {
      if (error !== null) throw error;
      answer = result;
    });
    return answer;
  }
}

/** The project's code and the protobuf library; neither Node.js nor the fuzzing itself. */
function isOurs(url: string): boolean {
  return url.includes("/packages/") || url.includes("/apps/") || url.includes("/@bufbuild/");
}

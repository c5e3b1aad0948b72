import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createReadStream, existsSync, readFileSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { syntheticDocument } from "@p8e/example-loan";
import { eventually } from "@p8e/testkit";
import { CommandLine } from "./support/p8e.ts";
import { openTables } from "./support/store-tables.ts";

const LARGE_BYTES = 1_000_000_000;
const WARM_BYTES = 50_000_000;
const GROWTH_MAX_BYTES = 64_000_000;
const SAMPLE_MS = 50;

describe("a file of one gigabyte", { timeout: 900_000 }, () => {
  const p8e = new CommandLine();
  after(() => p8e[Symbol.asyncDispose]());
  before(() => p8e.up());

  it("goes in at the lender, comes out at the bank identical, and no server grows by 64 MB", async (t) => {
    if (!existsSync("/proc/self/status")) return t.skip("this system does not tell how much memory a process holds");
    const servers = new Map(["lender-store", "bank-store", "ledger"].map((name) => [name, pidOf(name)]));
    const idle = new MemoryWatch(servers);
    await pass("warm", WARM_BYTES, undefined);
    idle.stop();
    const watch = new MemoryWatch(servers);
    const seconds = await pass("large", LARGE_BYTES, watch);
    watch.stop();
    for (const [name, { baseline, peak }] of watch.seen) {
      const grown = peak - baseline;
      const cold = idle.seen.get(name)?.baseline ?? 0;
      t.diagnostic(
        `${name}: ${megabytes(cold)} idle, ${megabytes(baseline)} warm, peak ${megabytes(peak)}, grew by ${megabytes(grown)}`,
      );
      if (servers.has(name)) assert.ok(grown < GROWTH_MAX_BYTES, `${name} grew by ${megabytes(grown)}`);
    }
    t.diagnostic(
      Object.entries(seconds)
        .map(([what, took]) => `${what} ${took.toFixed(1)} s`)
        .join(", "),
    );
  });

  /** In at the lender, over to the bank, out there; the content is compared by its hash. */
  async function pass(name: string, sizeBytes: number, watch: MemoryWatch | undefined) {
    const [source, out] = [p8e.path(`${name}.in`), p8e.path(`${name}.out`)];
    const sent = createHash("sha256");
    {
      await using file = await open(source, "wx");
      for await (const chunk of syntheticDocument(sizeBytes, name)) {
        sent.update(chunk);
        await file.writeFile(chunk);
      }
    }
    const put = await timed(() => run("put", ["put", source, "--store", "lender", "--for", "bank"], watch));
    const { hash } = JSON.parse(put.result) as { hash: string };
    const replicated = await timed(async () => {
      await using tables = await openTables(p8e.data, "bank");
      await eventually(
        "replication",
        () => tables.rows<{ count: number }>("SELECT count(*)::int AS count FROM object WHERE hash = $1", [hash]),
        ([row]) => row?.count === 1,
        { limitMs: 300_000 },
      );
    });
    rmSync(source);
    const got = await timed(() => run("get", ["get", hash, "--as", "bank", "--from", "lender", "--out", out], watch));
    const received = createHash("sha256");
    for await (const chunk of createReadStream(out)) received.update(chunk as Buffer);
    assert.equal(received.digest("base64"), sent.digest("base64"));
    rmSync(out);
    return { put: put.seconds, replicated: replicated.seconds, get: got.seconds };
  }

  async function run(name: string, args: readonly string[], watch: MemoryWatch | undefined): Promise<string> {
    const child = p8e.start([...args, "--json"]);
    watch?.follow(`${name} command`, child);
    let stdout = "";
    let stderr = "";
    child.stdout!.on("data", (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stderr!.on("data", (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    const [code] = await once(child, "close");
    assert.equal(code, 0, stderr);
    return stdout;
  }

  /** The environment names its processes for whoever comes after a crash. */
  function pidOf(name: string): number {
    return Number(readFileSync(join(p8e.data, "run", `${name}.pid`), "utf8").split(" ")[0]);
  }
});

/** Samples how much memory processes hold; a baseline is the first sample. */
class MemoryWatch {
  readonly seen = new Map<string, { readonly baseline: number; peak: number }>();
  readonly #pids: Map<string, number>;
  readonly #timer: NodeJS.Timeout;

  constructor(pids: ReadonlyMap<string, number>) {
    this.#pids = new Map(pids);
    this.#timer = setInterval(() => this.#sample(), SAMPLE_MS);
    this.#sample();
  }

  follow(name: string, child: ChildProcess): void {
    if (child.pid !== undefined) this.#pids.set(name, child.pid);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #sample(): void {
    for (const [name, pid] of this.#pids) {
      const bytes = residentBytes(pid);
      if (bytes === undefined) continue;
      const seen = this.seen.get(name);
      if (seen === undefined) this.seen.set(name, { baseline: bytes, peak: bytes });
      else seen.peak = Math.max(seen.peak, bytes);
    }
  }
}

/** Undefined once the process is gone. */
function residentBytes(pid: number): number | undefined {
  try {
    const match = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return match === null ? undefined : Number(match[1]) * 1024;
  } catch {
    return undefined;
  }
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly seconds: number }> {
  const started = performance.now();
  const result = await work();
  return { result, seconds: (performance.now() - started) / 1000 };
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

// Builds and runs the JVM side: a process around the published artifacts that answers one JSON line per command.
import { type ChildProcessByStdio, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { Operations } from "./protocol.ts";

const home = import.meta.dirname;
const target = join(home, "target");
const BUILD_LIMIT_MS = 600_000;
const CALL_LIMIT_MS = 60_000;

/** What the JVM threw: class names of the exception and its causes, and the gRPC status where one was among them. */
export class JvmError extends Error {
  readonly type: string;
  readonly causes: readonly string[];
  readonly status: string | undefined;
  readonly description: string | undefined;

  constructor(thrown: {
    type: string;
    message: string;
    causes: readonly string[];
    status?: string;
    description?: string;
  }) {
    super(thrown.message);
    this.name = "JvmError";
    this.type = thrown.type;
    this.causes = thrown.causes;
    this.status = thrown.status;
    this.description = thrown.description;
  }
}

interface Pending {
  readonly resolve: (answer: object) => void;
  readonly reject: (error: Error) => void;
}

/** A running driver process. Commands are answered in the order in which they were given. */
export class JvmDriver implements AsyncDisposable {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #pending = new Map<number, Pending>();
  readonly #ended: Promise<void>;
  #partial: Buffer[] = [];
  #lastId = 0;

  constructor(classpath: string, options: { readonly bouncyCastleFirst?: boolean } = {}) {
    this.#child = spawn(
      "java",
      [
        "-Xmx768m",
        "-XX:+UseSerialGC",
        ...(options.bouncyCastleFirst ? ["-Dp8e.bouncyCastleFirst=true"] : []),
        "-cp",
        classpath,
        "p8e.interop.Driver",
      ],
      { stdio: ["pipe", "pipe", "inherit"] },
    );
    this.#child.stdout.on("data", (chunk: Buffer) => this.#received(chunk));
    this.#child.stdin.on("error", () => {}); // the exit below says more
    this.#ended = new Promise((resolve) => {
      this.#child.once("close", (code, signal) => {
        const error = new Error(`the JVM driver ended (${signal ?? code})`);
        for (const each of this.#pending.values()) each.reject(error);
        this.#pending.clear();
        resolve();
      });
      this.#child.once("error", () => {}); // followed by close
    });
  }

  /** @throws JvmError whatever the published code threw. */
  async call<Name extends keyof Operations>(
    op: Name,
    request: Operations[Name]["request"],
  ): Promise<Operations[Name]["answer"]> {
    const id = ++this.#lastId;
    const answered = new Promise<object>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(new Error(`the JVM driver did not answer ${op} within ${CALL_LIMIT_MS} ms`));
      }, CALL_LIMIT_MS);
      timer.unref();
      const settle = <Value>(then: (value: Value) => void) => {
        return (value: Value) => {
          clearTimeout(timer);
          then(value);
        };
      };
      this.#pending.set(id, { resolve: settle(resolve), reject: settle(reject) });
    });
    this.#child.stdin.write(`${JSON.stringify({ ...request, id, op })}\n`);
    // The driver and protocol.ts are two halves of one thing; the answer's shape is not checked again here.
    return (await answered) as Operations[Name]["answer"];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin.end();
    const killer = setTimeout(() => this.#child.kill("SIGKILL"), 10_000); // it may be stuck in a call that timed out
    await this.#ended;
    clearTimeout(killer);
  }

  #received(chunk: Buffer): void {
    let rest = chunk;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      this.#partial.push(rest.subarray(0, end));
      this.#answered(Buffer.concat(this.#partial).toString("utf8"));
      this.#partial = [];
      rest = rest.subarray(end + 1);
    }
    if (rest.length > 0) this.#partial.push(rest);
  }

  #answered(line: string): void {
    const answer = JSON.parse(line) as
      | { id: number; ok: true }
      | { id: number; ok: false; error: ConstructorParameters<typeof JvmError>[0] };
    const pending = this.#pending.get(answer.id);
    this.#pending.delete(answer.id);
    if (answer.ok) pending?.resolve(answer);
    else pending?.reject(new JvmError(answer.error));
  }
}

/** The peer, or why there is none here. */
export type JvmPeer =
  | { readonly classpath: string; readonly missing?: undefined }
  | { readonly classpath?: undefined; readonly missing: string };

/**
 * Builds the driver unless the last build was of the same sources. Without Java, Maven or the artifacts it prints one
 * line and says why; with P8E_REQUIRE_PEERS set it throws instead.
 */
export async function findJvmPeer(): Promise<JvmPeer> {
  const missing = whatIsMissing() ?? (await build());
  if (missing === undefined) {
    const libraries = readFileSync(join(target, "classpath.txt"), "utf8").trim();
    const separator = process.platform === "win32" ? ";" : ":";
    return { classpath: `${join(target, "classes")}${separator}${libraries}` };
  }
  if (process.env.P8E_REQUIRE_PEERS) throw new Error(`the JVM peer is required here: ${missing}`);
  process.stdout.write(`skipped: JVM interop (${missing})\n`);
  return { missing };
}

function whatIsMissing(): string | undefined {
  const java = spawnSync("java", ["-version"], { encoding: "utf8" });
  if (java.error || java.status !== 0) return "there is no java command";
  const major = /version "(\d+)/.exec(java.stderr)?.[1];
  if (major === undefined || Number(major) < 17) return `Java 17 or newer is needed, this is ${major ?? "unknown"}`;
  const maven = spawnSync("mvn", ["-v"], { encoding: "utf8", shell: process.platform === "win32" });
  return maven.error || maven.status !== 0 ? "there is no mvn command" : undefined;
}

function sourceHash(): string {
  const hash = createHash("sha256");
  for (const file of ["pom.xml", ...globSync("src/**/*", { cwd: home })].sort()) {
    const path = join(home, file);
    if (!statSync(path).isDirectory()) hash.update(file).update("\0").update(readFileSync(path)).update("\0");
  }
  return hash.digest("hex");
}

/** A build is good while the jars that it found are still where it found them. */
function isBuilt(wanted: string): boolean {
  const stamp = join(target, "built.sha256");
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) return false;
  const classpath = join(target, "classpath.txt");
  if (!existsSync(classpath)) return false;
  const jars = readFileSync(classpath, "utf8").trim();
  return jars.split(process.platform === "win32" ? ";" : ":").every((jar) => existsSync(jar));
}

async function build(): Promise<string | undefined> {
  const wanted = sourceHash();
  if (isBuilt(wanted)) return undefined;
  mkdirSync(target, { recursive: true });
  const guard = join(target, "building");
  for (const deadline = Date.now() + BUILD_LIMIT_MS; ; await sleep(200)) {
    try {
      mkdirSync(guard); // test files run side by side: one builds, the others wait for it
      break;
    } catch {
      const since = statSync(guard, { throwIfNoEntry: false })?.mtimeMs;
      if (since !== undefined && Date.now() - since > BUILD_LIMIT_MS) rmSync(guard, { recursive: true, force: true });
      if (Date.now() > deadline) return "another build of the driver never ended";
    }
  }
  try {
    if (isBuilt(wanted)) return undefined;
    const maven = spawnSync("mvn", ["-q", "-B", "process-classes"], {
      cwd: home,
      encoding: "utf8",
      timeout: BUILD_LIMIT_MS,
      shell: process.platform === "win32",
    });
    if (maven.error) return `mvn: ${maven.error.message}`;
    if (maven.status !== 0) {
      const lines = maven.stdout.split("\n").filter((line) => line.startsWith("[ERROR]"));
      const message = lines.slice(0, 5).join("\n");
      // Sources that do not compile are our mistake, never an absent peer.
      if (message.includes("COMPILATION ERROR")) throw new Error(message);
      return `Maven could not build the driver: ${message}`;
    }
    writeFileSync(join(target, "built.sha256"), wanted);
    return undefined;
  } finally {
    rmSync(guard, { recursive: true, force: true });
  }
}

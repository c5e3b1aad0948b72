// Builds and runs the JVM side: processes around the published artifacts that answer one JSON line per command.
import { type ChildProcessByStdio, spawn, spawnSync } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import type { Readable, Writable } from "node:stream";
import { buildOnce, FetchFailed, PATH_SEPARATOR, readClasspath, runTool } from "./maven.ts";
import type { Operations, SenderOperations } from "./protocol.ts";

const CALL_LIMIT_MS = 180_000;

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

/** A Maven project of this folder whose class reads commands from standard input. */
interface JvmProgram {
  readonly home: string;
  readonly mainClass: string;
}

const driver: JvmProgram = { home: import.meta.dirname, mainClass: "p8e.interop.Driver" };
const sender: JvmProgram = { home: join(import.meta.dirname, "sender"), mainClass: "p8e.interop.Sender" };

/** A running JVM process. Commands are answered in the order in which they were given. */
class JvmProcess<All extends { [Name in keyof All]: { readonly request: object; readonly answer: object } }>
  implements AsyncDisposable
{
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #pending = new Map<number, Pending>();
  readonly #ended: Promise<void>;
  #partial: Buffer[] = [];
  #lastId = 0;

  constructor(classpath: string, mainClass: string, settings: readonly string[] = []) {
    const args = ["-Xmx768m", "-XX:+UseSerialGC", ...settings, "-cp", classpath, mainClass];
    this.#child = spawn("java", args, { stdio: ["pipe", "pipe", "inherit"] });
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
  async call<Name extends keyof All & string>(op: Name, request: All[Name]["request"]): Promise<All[Name]["answer"]> {
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
    // The JVM's side and protocol.ts are two halves of one thing; the answer's shape is not checked again here.
    return (await answered) as All[Name]["answer"];
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

/** The published SDK, store client and cryptography. */
export class JvmDriver extends JvmProcess<Operations> {
  constructor(classpath: string, options: { readonly bouncyCastleFirst?: boolean } = {}) {
    super(classpath, driver.mainClass, options.bouncyCastleFirst ? ["-Dp8e.bouncyCastleFirst=true"] : []);
  }
}

/** The chain's published client, in a process of its own: it brings later classes of the same names as the SDK's. */
export class JvmSender extends JvmProcess<SenderOperations> {
  constructor(classpath: string) {
    super(classpath, sender.mainClass);
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
  return find(driver);
}

/** The same for the chain's client. */
export async function findJvmSender(): Promise<JvmPeer> {
  return find(sender);
}

async function find(program: JvmProgram): Promise<JvmPeer> {
  const missing = missingJava() ?? (await build(program));
  if (missing === undefined) {
    const classes = join(program.home, "target", "classes");
    return { classpath: [classes, ...readClasspath(jarsOf(program))].join(PATH_SEPARATOR) };
  }
  if (process.env.P8E_REQUIRE_PEERS) throw new Error(`the JVM peer is required here: ${missing}`);
  process.stdout.write(`skipped: JVM interop (${missing})\n`);
  return { missing };
}

function missingJava(): string | undefined {
  const java = spawnSync("java", ["-version"], { encoding: "utf8" });
  if (java.error || java.status !== 0) return "there is no java command";
  const major = /version "(\d+)/.exec(java.stderr)?.[1];
  return major !== undefined && Number(major) >= 17 ? undefined : `Java 17 or newer is needed, this is ${major}`;
}

const jarsOf = ({ home }: JvmProgram) => join(home, "target", "classpath.txt");

async function build(program: JvmProgram): Promise<string | undefined> {
  const { home } = program;
  const sources = globSync("src/**/*", { cwd: home, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  try {
    await buildOnce(
      join(home, "target"),
      [join(home, "pom.xml"), ...sources],
      () => void runTool("mvn", ["-q", "-B", "process-classes"], { cwd: home }),
      () => readClasspath(jarsOf(program)).every((jar) => existsSync(jar)),
    );
    return undefined;
  } catch (error) {
    if (error instanceof FetchFailed) return error.message.slice(0, 500);
    throw error;
  }
}

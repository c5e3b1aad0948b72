import { execFile, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../../", import.meta.url));

/** What a program printed, and how it ended. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * podman with images and containers of this repository's tests alone: they lie in its cache, and the settings are those
 * that a machine without systemd needs.
 */
export class ContainerEngine implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "p8e-engine-"));
  readonly variables: Readonly<Record<string, string | undefined>>;

  private constructor() {
    const storage = join(root, ".cache", "containers");
    // The engine remembers where this was: one place for all that share the images, gone when the machine starts anew.
    const running = join(tmpdir(), `p8e-containers-${createHash("sha256").update(root).digest("hex").slice(0, 8)}`);
    mkdirSync(storage, { recursive: true });
    const file = (name: string, text: string) => {
      writeFileSync(join(this.#folder, name), text);
      return join(this.#folder, name);
    };
    this.variables = {
      ...process.env,
      CONTAINERS_CONF: file(
        "containers.conf",
        `[containers]
default_ulimits = ["nofile=20000:20000", "nproc=4096:4096"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[network]
network_backend = "netavark"
`,
      ),
      CONTAINERS_STORAGE_CONF: file(
        "storage.conf",
        `[storage]
driver = "overlay"
graphroot = "${storage}"
runroot = "${running}"
`,
      ),
    };
  }

  /** Undefined, and a printed line, where podman or podman-compose is missing; an error where peers are required. */
  static open(what: string): ContainerEngine | undefined {
    const missing = ["podman", "podman-compose"].filter((name) => spawnSync(name, ["--version"]).status !== 0);
    if (missing.length === 0 && process.getuid?.() === 0) return new ContainerEngine();
    const reason = missing.length > 0 ? `${missing.join(" and ")} not found` : "not root";
    if (process.env.P8E_REQUIRE_PEERS) throw new Error(`${what} cannot be tested: ${reason}`);
    process.stdout.write(`skipped: ${what}: ${reason}\n`);
    return undefined;
  }

  /** Runs to the end, whatever the code. */
  ran(program: string, args: readonly string[], variables: Readonly<Record<string, string>> = {}): Promise<Ran> {
    const options = { cwd: root, env: { ...this.variables, ...variables }, maxBuffer: 64 * 1024 ** 2 };
    return new Promise((resolve) => {
      execFile(program, args, options, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
        resolve({ code, stdout, stderr });
      });
    });
  }

  /** What it printed. @throws Error with everything that it said when it fails */
  async run(
    program: string,
    args: readonly string[],
    variables: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const { code, stdout, stderr } = await this.ran(program, args, variables);
    if (code !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${code}:\n${stdout}${stderr}`);
    return stdout.trim();
  }

  podman(...args: readonly string[]): Promise<string> {
    return this.run("podman", args);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

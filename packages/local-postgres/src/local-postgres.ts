import { spawn } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { P8eError } from "@p8e/core";
import { lockFolder } from "@p8e/machine";
import pg from "pg";
import { findPostgresBinaries, type PostgresBinaries } from "./binaries.ts";
import { createOnce } from "./create-once.ts";
import {
  chooseIsolation,
  clusterHome,
  type Isolation,
  type IsolationKind,
  isolated,
  reachableBinaries,
} from "./isolation.ts";
import {
  findPostmaster,
  type Postmaster,
  quitPostmaster,
  startPostmaster,
  stopPostmaster,
  untilReady,
} from "./postmaster.ts";

/** Told what the launcher does: an event in words, and what belongs to it. */
export type PostgresLog = (
  level: "info" | "warn",
  event: string,
  facts: Readonly<Record<string, string | number>>,
) => void;

/** Where the server lies. */
export interface LocalPostgresOptions {
  /** Made when absent; holds the cluster, its superuser password (0600), its log and the owner's lock. */
  readonly dataDir: string;
  readonly log?: PostgresLog | undefined;
  readonly signal?: AbortSignal | undefined;
  /** For tests: insist on one way of running as root. */
  readonly isolation?: IsolationKind;
}

/**
 * One PostgreSQL server on one data folder, listening on 127.0.0.1 with passwords. It outlives a process that was killed;
 * the next one to open the folder takes it over. Disposal stops it cleanly; a process that exits without it ends it at once.
 */
export interface LocalPostgres extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly pid: number;
  /** True when a server that survived its owner was taken over. */
  readonly reattached: boolean;
  /**
   * Makes sure that the role exists with this password and the database exists and belongs to it.
   * @throws `input.invalid` for a name that is not a short plain identifier
   */
  createDatabase(name: string, role: string, password: string): Promise<void>;
}

const superuser = "postgres";
const host = "127.0.0.1";

/**
 * @throws `environment.in_use` while another living process owns the folder
 * @throws `environment.unsupported` where PostgreSQL cannot run, with a hint at what to do
 */
export async function openLocalPostgres(options: LocalPostgresOptions): Promise<LocalPostgres> {
  const log = options.log ?? (() => undefined);
  mkdirSync(options.dataDir, { recursive: true, mode: 0o700 });
  const dataDir = realpathSync(options.dataDir);
  const lock = await lockFolder(dataDir, { runs: "the database", signal: options.signal });
  try {
    const isolation = settledIsolation(dataDir, options.isolation);
    const binaries = reachableBinaries(isolation, findPostgresBinaries(dataDir));
    const home = clusterHome(
      isolation,
      dataDir,
      createOnce(join(dataDir, "cluster.id"), () => randomUUID()),
    );
    const password = createOnce(join(dataDir, "superuser.password"), () => randomBytes(24).toString("base64url"));
    const cluster = join(home, "cluster");
    if (!existsSync(join(cluster, "PG_VERSION"))) {
      await initialise(home, cluster, password, binaries, isolation, options.signal);
      log("info", "created an embedded PostgreSQL cluster", { folder: cluster, isolation: isolation.kind });
    }
    const running = findPostmaster(cluster);
    const portPath = join(dataDir, "port");
    const postmaster: Postmaster = running
      ? await untilReady(cluster, options.signal)
      : await startPostmaster(cluster, join(dataDir, "postgres.log"), {
          binaries,
          isolation,
          preferredPort: rememberedPort(portPath),
          signal: options.signal,
        });
    writeFileSync(portPath, String(postmaster.port), { mode: 0o600 });
    log("info", running ? "took over the running PostgreSQL" : "started PostgreSQL", { ...postmaster });
    // Whoever ends this process without waiting wants nothing left running. What it has written is safe either way.
    const leave = () => quitPostmaster(cluster, postmaster.pid);
    process.once("exit", leave);
    return {
      host,
      port: postmaster.port,
      pid: postmaster.pid,
      reattached: running !== undefined,
      createDatabase: (name, role, rolePassword) => createDatabase(postmaster.port, password, name, role, rolePassword),
      async [Symbol.asyncDispose]() {
        try {
          await stopPostmaster(cluster, postmaster.pid);
          process.off("exit", leave);
        } finally {
          lock[Symbol.dispose]();
        }
      },
    };
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
}

/** Where the cluster of a data folder lies that was opened before; undefined when it never was. */
export function clusterOf(dataDir: string): string | undefined {
  if (!["cluster.place", "cluster.id"].every((name) => existsSync(join(dataDir, name)))) return undefined;
  const id = readFileSync(join(dataDir, "cluster.id"), "utf8").trim();
  const cluster = join(clusterHome(settledIsolation(dataDir, undefined), dataDir, id), "cluster");
  return existsSync(join(cluster, "PG_VERSION")) ? cluster : undefined;
}

/** A cluster that was once made outside the data folder, for another account, stays there. */
function settledIsolation(dataDir: string, only: IsolationKind | undefined): Isolation {
  const path = join(dataDir, "cluster.place");
  if (existsSync(path)) {
    const inFolder = process.getuid?.() === 0 ? "user-namespace" : "direct";
    return chooseIsolation(readFileSync(path, "utf8").trim() === "account" ? "account" : inFolder);
  }
  const chosen = chooseIsolation(only);
  createOnce(path, () => (chosen.kind === "account" ? "account" : "folder"));
  return chosen;
}

/** Into a folder of its own first, so that a crash half-way never leaves something that looks like a cluster. */
async function initialise(
  home: string,
  cluster: string,
  password: string,
  binaries: PostgresBinaries,
  isolation: Isolation,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const name of readdirSync(home)) {
    if (name.startsWith("cluster.new-")) rmSync(join(home, name), { recursive: true, force: true });
  }
  const draft = join(home, `cluster.new-${randomUUID()}`);
  const passwordFile = join(home, `initdb.${randomUUID()}`);
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  if (isolation.kind === "account") chownSync(passwordFile, isolation.uid, isolation.gid);
  try {
    const run = isolated(isolation, binaries.initdb, [
      `--pgdata=${draft}`,
      `--username=${superuser}`,
      `--pwfile=${passwordFile}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      "--locale=C",
      "--no-instructions",
    ]);
    const child = spawn(run.command, run.args, {
      ...run.options,
      cwd: "/",
      stdio: ["ignore", "pipe", "pipe"],
      env: { PATH: process.env.PATH ?? "", LC_ALL: "C", TZ: process.env.TZ ?? "" },
      ...(signal ? { signal } : {}),
    });
    let output = "";
    const collect = (bytes: Buffer) => {
      output = (output + bytes.toString("utf8")).slice(-1500);
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    const end = await new Promise<string | undefined>((resolve) => {
      child.once("error", (error) => resolve(error.message));
      child.once("exit", (code, name) => resolve(code === 0 ? undefined : `exit ${code ?? name}`));
    });
    signal?.throwIfAborted();
    if (end !== undefined) {
      throw new P8eError("environment.unsupported", `could not create the embedded PostgreSQL's cluster (${end})`, {
        facts: { output },
      });
    }
    renameSync(draft, cluster);
  } finally {
    rmSync(passwordFile, { force: true });
    rmSync(draft, { recursive: true, force: true });
  }
}

async function createDatabase(port: number, superuserPassword: string, name: string, role: string, password: string) {
  for (const identifier of [name, role]) {
    if (!/^[a-z_][a-z0-9_-]{0,62}$/.test(identifier)) {
      throw new P8eError("input.invalid", "a database or role name needs 1 to 63 of a-z, 0-9, _ and -", {
        facts: { given: identifier.slice(0, 64) },
      });
    }
  }
  const client = new pg.Client({ host, port, user: superuser, password: superuserPassword, database: "postgres" });
  await client.connect();
  try {
    const roles = await client.query("SELECT 1 FROM pg_roles WHERE rolname = $1", [role]);
    const verb = roles.rowCount === 0 ? "CREATE" : "ALTER";
    await client.query(`${verb} ROLE "${role}" LOGIN PASSWORD ${client.escapeLiteral(password)}`);
    const databases = await client.query("SELECT 1 FROM pg_database WHERE datname = $1", [name]);
    if (databases.rowCount === 0) await client.query(`CREATE DATABASE "${name}" OWNER "${role}"`);
    await client.query(`REVOKE CONNECT ON DATABASE "${name}" FROM PUBLIC`);
  } finally {
    await client.end();
  }
}

function rememberedPort(path: string): number | undefined {
  try {
    const port = Number(readFileSync(path, "utf8"));
    return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
  } catch {
    return undefined;
  }
}

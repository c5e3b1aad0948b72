// A newcomer's path, outside the clone: docs/guides/first-contract.md and your-application.md as they are written, with
// nothing but packed packages, npm and its registry; then what only shows outside: declarations, hashes, an older Node.js.
import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import { buildContract } from "@p8e/contract";
import { openSandbox } from "@p8e/engine";
import { freePort } from "@p8e/machine";
import { eventually } from "@p8e/testkit";
import { readmeExamples } from "../../../test/support/readme-examples.ts";
import { type GuideStep, guideFiles, guideSteps } from "./support/guide.ts";
import { root } from "./support/p8e.ts";

const folder = mkdtempSync(join(tmpdir(), "p8e-outside-"));
const project = join(folder, "appraisals");
const places: Readonly<Record<string, string>> = { clone: root, project };

/** Of npm's own variables, what a person may have set. */
const OF_A_PERSON = /^npm_config_(registry|userconfig|cache|cafile)$/;
/** As a person's shell has them, not as npm hands them to a test runner. And no install script runs. */
const variables = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => OF_A_PERSON.test(name) || !/^(npm_|P8E_|NODE_|FORCE_COLOR|INIT_CWD)/.test(name),
    ),
  ),
  PATH: process.env
    .PATH!.split(delimiter)
    .filter((place) => !place.includes("node_modules"))
    .join(delimiter),
  npm_config_ignore_scripts: "true",
  NO_COLOR: "1",
};

function start(commands: string, cwd: string): { readonly child: ChildProcess; readonly printed: () => string } {
  const child = spawn("bash", ["-euc", commands], {
    ...{ cwd, env: variables, detached: true },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding("utf8").on("data", (more: string) => {
      text += more;
    });
  }
  return { child, printed: () => text };
}

async function run(commands: string, cwd = project): Promise<{ readonly code: number | null; readonly text: string }> {
  const { child, printed } = start(commands, cwd);
  const [code] = (await once(child, "close")) as [number | null];
  return { code, text: printed() };
}

async function json<T>(command: string, cwd?: string): Promise<T> {
  const { code, text } = await run(`${command} --json 2>/dev/null`, cwd);
  assert.equal(code, 0, `${command}\n${text}`);
  return JSON.parse(text) as T;
}

/** Ends a server with the shell that started it. */
async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exited = once(server, "exit");
  process.kill(-server.pid!, "SIGTERM");
  await exited;
}

describe("a contract outside of the clone", { timeout: 900_000 }, () => {
  const steps = guideSteps("first-contract.md").map((step) => ({
    ...step,
    commands: step.commands.replaceAll("../appraisals", project),
  }));
  const serving = steps.findIndex(({ serves }) => serves);
  const servers: ChildProcess[] = [];
  const begun = performance.now();
  const seconds = () => `${((performance.now() - begun) / 1000).toFixed(0)} s`;
  before(() => assert.deepEqual(Object.keys(places).sort(), [...new Set(steps.map(({ machine }) => machine))].sort()));
  after(async () => {
    for (const server of servers.reverse()) await stop(server);
    rmSync(folder, { recursive: true, force: true });
  });
  /** A line of the guide; what asks for objects that are on their way may be asked again. */
  const follow = async ({ machine, commands }: GuideStep) => {
    for (const line of commands.trim().split("\n")) {
      const once = () => run(line, places[machine]!);
      const { code, text } = / verify |check\.ts/.test(line)
        ? await eventually(line, once, (done) => done.code === 0)
        : await once();
      assert.equal(code, 0, `${line}\n${text}`);
    }
  };

  /** Starts the server of a step; it has begun when it says so. */
  const serve = async ({ commands }: GuideStep, says: RegExp) => {
    const { child, printed } = start(commands, project);
    servers.push(child);
    await eventually(
      commands,
      async () => printed(),
      (text) => says.test(text) || child.exitCode !== null,
    );
    assert.equal(child.exitCode, null, printed());
    return child;
  };

  it("is made and tested", async (t) => {
    for (const step of steps.slice(0, serving)) await follow(step);
    t.diagnostic(`timed: a newcomer has a contract that is tested in the sandbox after ${seconds()}; 60 s are the aim`);
  });

  it("is published, executed and verified", async (t) => {
    await serve(steps[serving]!, /It stays up/);
    for (const step of steps.slice(serving + 1, -1)) await follow(step);
    t.diagnostic(`timed: and has published, executed and verified it after ${seconds()}; 180 s are the aim`);
  });

  it("is used by an application, which another party's checks", async () => {
    const port = String(await freePort());
    for (const { path, text } of guideFiles("your-application.md")) {
      writeFileSync(join(project, path), text.replaceAll("3000", port));
    }
    const [service, ...rest] = guideSteps("your-application.md");
    assert.ok(service?.serves);
    const child = await serve(service, /It records appraisals/);
    for (const step of rest) await follow({ ...step, commands: step.commands.replaceAll("3000", port) });
    await stop(child);
    // The page of the contract ends with this.
    await follow(steps.at(-1)!);
  });

  it("has the bundle that the clone makes of it, and so has the example hello", async () => {
    await using sandbox = openSandbox();
    cpSync(join(root, "examples/hello/src"), join(project, "hello"), { recursive: true });
    for (const [file, source] of [
      ["src/contract.ts", join(project, "src/contract.ts")],
      ["hello/contract.ts", join(root, "examples/hello/src/contract.ts")],
    ] as const) {
      const here = await buildContract({ entry: source, describe: (bundle) => sandbox.describe(bundle) });
      const { manifest } = await json<{ manifest: typeof here.manifest }>(`npx --no p8e contract build ${file}`);
      assert.deepEqual(manifest, here.manifest);
    }
  });

  it("compiles against every door and README of every package, strictly, with Node's own resolution", async () => {
    const names = installedDoors();
    writeFileSync(
      join(project, "src/doors.ts"),
      names.map((name, at) => `export * as door${at} from "${name}";\n`).join(""),
    );
    for (const name of readdirSync(join(project, "node_modules/@p8e"))) {
      const [example] = readmeExamples(readFileSync(join(project, "node_modules/@p8e", name, "README.md"), "utf8"));
      writeFileSync(join(project, `src/example-of-${name}.ts`), example!.code);
    }
    const { code, text } = await run("npx --no tsc");
    assert.equal(code, 0, text);
    assert.ok(names.length > 40);
  });

  it("is told by an older Node.js what it needs, by every door in one sentence", async (t) => {
    const node = execFileSync("node", ["--version"], { env: variables, encoding: "utf8" }).trim();
    if (Number(node.slice(1).split(".")[0]) >= 24)
      return t.skip(`the Node.js on the path is ${node}, not older than 24`);
    const program = `
      for (const name of ${JSON.stringify(installedDoors())}) {
        await import(name).then(() => console.log(name, "loads"), ({ message }) => {
          if (!/^@p8e\\/[a-z-]+ needs Node.js 24 or newer; this is v\\d+/.test(message)) console.log(name, message);
        });
      }`;
    writeFileSync(join(project, "old.mjs"), program);
    assert.deepEqual(await run("node old.mjs"), { code: 0, text: "" });
  });

  it("has its command in every folder below, and the next project gets the same packages", async () => {
    assert.deepEqual(await run("npx --no p8e -- --version", join(project, "src")), { code: 0, text: "0.1.0\n" });
    const { packages } = await json<{ packages: object }>("npx --no p8e contract new ../second");
    const { dependencies, devDependencies } = JSON.parse(readFileSync(join(project, "package.json"), "utf8"));
    assert.deepEqual(packages, {
      "@p8e/contract": dependencies["@p8e/contract"],
      "@p8e/engine": devDependencies["@p8e/engine"],
      p8e: devDependencies.p8e,
    });
  });

  it("tells commands as they are called in a project", async () => {
    const { text } = await run("npx --no p8e ls --as lender || true");
    assert.match(text, /npx --no p8e up/);
    assert.doesNotMatch(text, /npx p8e/);
  });

  it("says in one sentence that nothing tells where packages come from", async () => {
    const list = join(project, "node_modules/.package-lock.json");
    renameSync(list, `${list}.away`);
    const { code, text } = await run("npx --no p8e contract new ../third");
    assert.notEqual(code, 0);
    assert.match(text, /nothing tells where the packages of p8e come from, and they are not published/);
    assert.match(text, /P8E_PACKAGES/);
  });

  /** Every way into an installed package of p8e, by the name that one imports. */
  function installedDoors(): readonly string[] {
    const packages = join(project, "node_modules/@p8e");
    return readdirSync(packages).flatMap((name) => {
      const { exports } = JSON.parse(readFileSync(join(packages, name, "package.json"), "utf8"));
      return Object.keys(exports).map((door) => `@p8e/${name}${door.slice(1)}`);
    });
  }
});

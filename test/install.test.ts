// The install that stands before every command: one at a time, and nothing that an ended one left stands in the way.
import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { after, describe, it } from "node:test";

const root = dirname(import.meta.dirname);
const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A clone with a lock file, and in the place of npm a program that writes down what it was asked and behaves as `script` says. */
function makeClone(script: string): {
  readonly clone: string;
  readonly start: () => Started;
  readonly calls: () => string[];
} {
  const clone = mkdtempSync(join(tmpdir(), "p8e-install-"));
  folders.push(clone);
  writeFileSync(join(clone, "package-lock.json"), "{}");
  mkdirSync(join(clone, "bin"));
  writeFileSync(join(clone, "bin", "npm"), `#!/bin/sh\necho "$1" >> calls\nmkdir -p node_modules\n${script}\n`, {
    mode: 0o755,
  });
  const program = `import(${JSON.stringify(join(root, "scripts/install.mjs"))}).then(({ install }) => install(${JSON.stringify(clone)}))
    .catch((error) => { process.stderr.write(error.message + "\\n"); process.exit(error.exitCode ?? 1); })`;
  return {
    clone,
    calls: () => readFileSync(join(clone, "calls"), "utf8").trim().split("\n"),
    start: () => {
      const child = spawn(process.execPath, ["-e", program], {
        env: { ...process.env, PATH: `${join(clone, "bin")}${delimiter}${process.env["PATH"]}` },
        stdio: ["ignore", "ignore", "pipe"],
      });
      let said = "";
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        said += text;
      });
      const ended = new Promise<{ readonly code: number | null; readonly said: string }>((resolve) => {
        child.once("close", (code) => resolve({ code, said }));
      });
      return { child, ended, says: () => said };
    },
  };
}

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly said: string }>;
  readonly says: () => string;
}

const guardOf = (clone: string) => join(clone, ".p8e-install.lock");

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe("installing", { skip: process.platform === "win32" && "the program in npm's place is a shell script" }, () => {
  it("is done once by commands that start together, and who waits says for whom", async () => {
    const { start, calls, clone } = makeClone("until [ -e go ]; do sleep 0.1; done");
    const first = start();
    await until(() => existsSync(join(clone, "calls")));
    const others = [start(), start()];
    await until(() => others.every(({ says }) => says().includes(`process ${first.child.pid}`)));
    writeFileSync(join(clone, "go"), "");
    for (const { code } of await Promise.all([first, ...others].map(({ ended }) => ended))) assert.equal(code, 0);
    assert.deepEqual(calls(), ["ci"]);
    assert.equal(existsSync(guardOf(clone)), false);
  });

  it("that fails is not in the way of the next", async () => {
    const { start, clone } = makeClone("exit 1");
    for (let time = 0; time < 2; time++) {
      const { code, said } = await start().ended;
      assert.equal(code, 1);
      assert.match(said, /npm ci failed; see the lines above, then try again/);
      assert.equal(existsSync(guardOf(clone)), false);
    }
  });

  it("that is stopped ends npm, says so, and is not in the way of the next", async () => {
    const { start, clone } = makeClone("exec sleep 600");
    const { child, ended } = start();
    await until(() => existsSync(join(clone, "calls")));
    child.kill("SIGTERM");
    const { code, said } = await ended;
    assert.equal(code, 143);
    assert.match(said, /stopped while installing/);
    assert.equal(existsSync(guardOf(clone)), false);
  });

  it("is not done again where npm has laid down the same packages by itself", async () => {
    const { start, clone } = makeClone("exit 1");
    const one = { version: "1.0.0", integrity: "sha512-one" };
    const locked = {
      "": {},
      "node_modules/one": one,
      "node_modules/other-system": { ...one, optional: true, os: ["another"] },
    };
    writeFileSync(join(clone, "package-lock.json"), JSON.stringify({ packages: locked }));
    mkdirSync(join(clone, "node_modules"));
    const lay = (packages: object) =>
      writeFileSync(join(clone, "node_modules/.package-lock.json"), JSON.stringify({ packages }));
    for (const packages of [{}, { "node_modules/one": { ...one, integrity: "sha512-other" } }]) {
      lay(packages);
      assert.equal((await start().ended).code, 1);
    }
    lay({ "node_modules/one": one });
    assert.deepEqual(await start().ended, { code: 0, said: "" });
  });

  it("without a network, or with a copy of an example in the clone, ends in a sentence", async () => {
    for (const [line, sentence] of [
      ["npm error code ENOTFOUND", /dependencies are missing and npm's registry cannot be reached \(ENOTFOUND\)/],
      [
        "npm error code EDUPLICATEWORKSPACE",
        /your own contract has its place outside of the clone: npx p8e contract new/,
      ],
      ["npm error code EINTEGRITY", /npm error code EINTEGRITY\nnpm ci failed; see the lines above/],
    ] as const) {
      const { start } = makeClone(`echo "${line}" >&2; exit 1`);
      const { code, said } = await start().ended;
      assert.equal(code, 1);
      assert.match(said, sentence);
    }
  });

  it("takes over at once what a killed one left, by one of those that find it", async () => {
    const { start, calls, clone } = makeClone("sleep 0.2");
    mkdirSync(guardOf(clone));
    writeFileSync(join(guardOf(clone), "pid"), `${spawnSync("true").pid}\n`);
    const started = [start(), start(), start(), start()];
    for (const { code } of await Promise.all(started.map(({ ended }) => ended))) assert.equal(code, 0);
    assert.deepEqual(calls(), ["ci"]);
  });
});

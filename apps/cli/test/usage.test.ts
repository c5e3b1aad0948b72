// What is said of a command's use before anything is loaded is what the parser says. To make the text anew:
// UPDATE_USAGE=1 npm test -- usage
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, describe, it } from "node:test";
import { Command } from "commander";
import { usageAnswer } from "../bin/usage.mjs";
import type { CommandDefinition } from "../src/command.ts";
import { runCommandLine } from "../src/command-line.ts";
import { commandNamed, commandNames } from "../src/commands/command-named.ts";
import { commands } from "../src/commands/index.ts";
import { root } from "./support/p8e.ts";

const file = join(import.meta.dirname, "../bin/usage.json");

it("each command is found by its words, without loading the others", async () => {
  const leaves: string[] = [];
  for (const [at, name] of commandNames().entries()) {
    const found = await commandNamed([...name.split(" "), "more"]);
    assert.equal(found, commands[at], name);
    const words = everyCommand([found!]).at(-1)!.join(" ");
    assert.equal(words, name);
    leaves.push(words);
  }
  assert.equal(leaves.length, commands.length);
  for (const words of [[], ["party"], ["nothing", "status"], ["store", "replication"]]) {
    assert.equal(await commandNamed(words), undefined);
  }
});

/** Every command, groups included, as the words that name it. */
function everyCommand(some: readonly CommandDefinition[] = commands): string[][] {
  const program = new Command();
  for (const command of some) command.register(program, () => async () => {});
  const below = (command: Command, words: string[]): string[][] => [
    words,
    ...command.commands.flatMap((each) => below(each, [...words, each.name()])),
  ];
  return below(program, []);
}

async function parserSays(args: readonly string[], columns?: number) {
  const said = { out: "", err: "" };
  const output = (to: "out" | "err") => ({
    write: (text: string) => {
      said[to] += text;
    },
    on: () => undefined as never,
    ...(columns === undefined ? {} : { isTTY: true, columns }),
  });
  const code = await runCommandLine(args, { stdout: output("out"), stderr: output("err"), variables: {} });
  return { code, ...said };
}

describe("the use of the command", () => {
  it("is told out of a text that is the parser's", async () => {
    const help: Record<string, string> = {};
    for (const words of everyCommand()) {
      const { code, out, err } = await parserSays([...words, "--help"]);
      assert.equal(code, 0, err);
      help[words.join(" ")] = out;
    }
    const { out: version } = await parserSays(["--version"]);
    const text = `${JSON.stringify({ version: version.trim(), help }, undefined, 2)}\n`;
    if (process.env.UPDATE_USAGE) writeFileSync(file, text);
    assert.ok(readFileSync(file, "utf8") === text, "bin/usage.json is older: UPDATE_USAGE=1 npm test -- usage");
  });

  it("is the same through either, for every way of asking", async () => {
    for (const args of [
      [],
      ["--help"],
      ["-h"],
      ["--version"],
      ["help", "put"],
      ["contract", "publish", "-h"],
      ["scope"],
    ]) {
      const said = await parserSays(args);
      const answer = usageAnswer(args, { installed: true });
      if (args[0] === "scope") assert.equal(answer, undefined);
      else assert.deepEqual(answer, { text: said.code === 0 ? said.out : said.err, code: said.code }, args.join(" "));
    }
  });

  it("is wrapped for a narrow terminal, by the parser; a command line stays whole", async () => {
    assert.equal(usageAnswer(["put", "--help"], { installed: true, columns: 40 }), undefined);
    for (const words of everyCommand()) {
      const { out } = await parserSays([...words, "--help"], 40);
      const wide = out.split("\n").filter((line) => line.length > 40 && !line.startsWith("Usage: "));
      assert.deepEqual(wide, [], words.join(" "));
    }
  });

  it("tells of a subcommand that there is not, also where help is asked for", async () => {
    for (const args of [["contract", "chek", "--help"], ["contract", "chek"], ["puut", "--help"], ["puut"]]) {
      const { code, out, err } = await parserSays(args);
      assert.deepEqual([code, out], [2, ""]);
      assert.match(err, new RegExp(`^error: unknown command '${args.filter((each) => each !== "--help").at(-1)}'`));
      const early = usageAnswer(args, { installed: false })!;
      assert.equal(early.code, 2);
      assert.equal(early.text.split("\n")[0], err.split("\n")[0]);
    }
  });
});

describe("a clone in which nothing is installed", () => {
  const folder = mkdtempSync(join(tmpdir(), "p8e-usage-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("answers for help, version and unknown commands at once, and installs for the rest", () => {
    for (const path of ["bin", "scripts", "apps/cli/bin"]) {
      mkdirSync(join(folder, path), { recursive: true });
      cpSync(join(root, path), join(folder, path), { recursive: true });
    }
    writeFileSync(join(folder, "package-lock.json"), "{}");
    const env = { PATH: "/nonexistent" };
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [join(folder, "bin/p8e.mjs"), ...args], { env, encoding: "utf8" });
    assert.match(run("--help").stdout, /^Usage: p8e /);
    assert.match(run("contract", "execute", "--help").stdout, /^Usage: p8e contract execute /);
    assert.match(run("--version").stdout, /^\d+\.\d+\.\d+\n$/);
    assert.deepEqual([run("puut").status, run("puut").stderr.split("\n")[0]], [2, "error: unknown command 'puut'"]);
    const story = [join(folder, "scripts/run.mjs"), "story", "--help"];
    assert.match(execFileSync(process.execPath, story, { env, encoding: "utf8" }), /^Usage: p8e story /);
    const { status, stderr } = run("doctor");
    assert.equal(status, 1);
    assert.match(stderr, /npm ci cannot be started/);
  });
});

// docs/wishes.md names every command that there is and none that is not, packages and pages that are there;
// docs/guides/when-something-fails.md names commands that there are.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { Command } from "commander";
import { commands } from "../src/commands/index.ts";
import { root } from "./support/p8e.ts";

const wishes = "docs/wishes.md";
const failures = "docs/guides/when-something-fails.md";
const text = (file: string) => readFileSync(join(root, file), "utf8");

/** Every command that does something, as the words that name it. */
function known(): string[] {
  const program = new Command();
  for (const command of commands) command.register(program, () => async () => {});
  const below = (command: Command, words: string): string[] =>
    command.commands.length === 0
      ? [words]
      : command.commands.flatMap((each) => below(each, `${words} ${each.name()}`));
  return program.commands.flatMap((each) => below(each, each.name()));
}

/** The commands that a page names as code; `p8e COMMAND --help` stands for any. */
function named(page: string): string[] {
  const all = known();
  const found = [...page.matchAll(/`(?:npx )?p8e ([a-z][a-z -]*?)(?= (?:[A-Z@-])|`)/g)].map((match) => match[1]!);
  return found.map(
    (words) => all.find((each) => words === each || words.startsWith(`${each} `)) ?? `no command: ${words}`,
  );
}

function requireLinks(file: string): void {
  for (const [, target] of text(file).matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)) {
    assert.ok(existsSync(join(root, dirname(file), target!)), `${file}: ${target}`);
  }
}

describe("the table of wishes", () => {
  it("has every command once, and none that there is not", () => {
    assert.deepEqual(named(text(wishes)).toSorted(), known().toSorted());
  });

  it("names packages and pages that are there", () => {
    for (const [, name] of text(wishes).matchAll(/`@p8e\/([a-z-]+)`/g)) {
      assert.ok(existsSync(join(root, "packages", name!, "package.json")), name);
    }
    requireLinks(wishes);
  });
});

describe("the guide by symptoms", () => {
  it("names commands that there are", () => {
    requireLinks(failures);
    for (const each of named(text(failures))) assert.ok(!each.startsWith("no command"), each);
  });
});

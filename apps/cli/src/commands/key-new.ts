import { P8eError } from "@p8e/core";
import { type CommandDefinition, group } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { newKeyOptions } from "../support/key-options.ts";
import type { NewKeyOptions } from "../support/new-keys.ts";

interface Options extends NewKeyOptions {
  readonly network?: string;
  readonly showWords: boolean;
}

/** `p8e key new`. */
export const keyNew: CommandDefinition = {
  register(program, action) {
    newKeyOptions(group(program, "key").command("new <file>"))
      .description("make new keys: a file under a passphrase, and 24 words that lead to the same keys, shown once")
      .option("--show-words", "show the words though standard output is no terminal", false)
      .action(action(run));
  },
};

async function run(context: CommandContext, file: string, options: Options): Promise<void> {
  const [{ newWords }, { keyNetwork }, { showWords, writeNewKeys }, { systemRandom }] = await Promise.all([
    import("@p8e/keys"),
    import("../support/key-options.ts"),
    import("../support/new-keys.ts"),
    import("@p8e/crypto"),
  ]);
  const { screen } = context;
  if (screen.json && options.showWords) {
    throw new P8eError("input.invalid", "words are never part of --json", {
      hint: "Leave out --json or --show-words.",
    });
  }
  const material = newWords(systemRandom);
  const made = await writeNewKeys(context, file, material, await keyNetwork(context, options.network), options);
  showWords(screen, material.words, options.showWords);
  screen.result(made);
}

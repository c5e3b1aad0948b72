import { type CommandDefinition, group } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { newKeyOptions } from "../support/key-options.ts";
import type { NewKeyOptions } from "../support/new-keys.ts";

interface Options extends NewKeyOptions {
  readonly network?: string;
  readonly from: string;
}

/** `p8e key import`. */
export const keyImport: CommandDefinition = {
  register(program, action) {
    newKeyOptions(group(program, "key").command("import <file>"))
      .description("make a key file of keys or words that exist")
      .requiredOption("--from <source>", "a file with words, PEM, hex or keys of p8e; env:NAME; - for standard input")
      .action(action(run));
  },
};

async function run(context: CommandContext, file: string, options: Options): Promise<void> {
  const [{ readKeyMaterial }, { keyNetwork }, { writeNewKeys }, { readKeySource }] = await Promise.all([
    import("@p8e/keys"),
    import("../support/key-options.ts"),
    import("../support/new-keys.ts"),
    import("../support/key-source.ts"),
  ]);
  const { signal, passphrase, screen } = context;
  const network = await keyNetwork(context, options.network);
  const bytes = await readKeySource(options.from, signal);
  const material = await readKeyMaterial(bytes, () => passphrase({ purpose: "open", what: options.from, signal }), {
    signal,
  }).finally(() => bytes.fill(0));
  screen.result(await writeNewKeys(context, file, material, network, options));
}

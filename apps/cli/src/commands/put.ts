import { basename } from "node:path";
import { type CommandDefinition, list } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { rememberLast } from "../support/last-named.ts";
import { mediaTypeOf } from "../support/media-type.ts";
import { atSameEnvironment } from "../support/same-environment.ts";
import { formatSize } from "../terminal/format.ts";

/** `p8e put`. */
export const put: CommandDefinition = {
  register(program, action) {
    program
      .command("put <file>")
      .description("encrypt a file for some parties and store it")
      .option("--store <party>", "whose store, and who owns and signs it; one's own by one's own profile")
      .option("--for <parties>", "who else can read it, separated by commas: names, addresses or keys", list, [])
      .option("--no-name", "do not keep how the file is called, which its readers would see")
      .action(action(run));
  },
};

async function run(
  context: CommandContext,
  file: string,
  options: { readonly store?: string; readonly for: readonly string[]; readonly name: boolean },
): Promise<void> {
  const { screen, openParty, signal } = context;
  const [{ requireReader }, { storedView }, { fileSource }] = await Promise.all([
    import("@p8e/party"),
    import("@p8e/party/views"),
    import("@p8e/object-client"),
  ]);
  await using party = await openParty(options.store, "--store");
  const audience = options.for.map((text) => requireReader(party.profile, text));
  const source = await fileSource(file);
  const [store, keys] = [await party.store(), await party.keys()];
  const name = basename(file);
  const described = options.name ? { file: { name, mediaType: mediaTypeOf(name) } } : {};
  const titles = new Set([party.self.title, ...audience.map((reader) => reader.title)]);
  const receipt = await screen.step(
    `encrypting ${file}`,
    (onProgress) =>
      store.put(source, {
        owner: keys.encryption.publicKey,
        signer: keys.signing,
        audience: audience.map((reader) => reader.key),
        ...described,
        signal,
        onProgress,
      }),
    () => `${file}: ${formatSize(source.sizeBytes)} encrypted for ${[...titles].join(" and ")}, stored durably`,
  );
  await rememberLast(context, party.located, { hash: receipt.hash });
  // In an environment the reader is chosen; by profiles of their own, each reads as itself.
  const acted = await context.source();
  const reader = acted?.kind === "profile" ? "" : ` --as ${options.for[0] ?? party.self.name}`;
  screen.facts([
    ["hash", receipt.hash],
    ["store", `${party.self.storeUrl} (${party.self.title})`],
    [
      "read it with",
      `npx p8e get ${receipt.hash}${reader} --from ${party.self.name} --out ${options.name ? "./" : "FILE"}${atSameEnvironment(acted)}`,
    ],
  ]);
  screen.result(storedView(receipt, [party.self.name, ...audience.map((reader) => reader.name)]));
}

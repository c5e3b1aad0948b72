import { type CommandDefinition, list } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { formatSize } from "../terminal/format.ts";

export const put: CommandDefinition = {
  register(program, action) {
    program
      .command("put <file>")
      .description("encrypt a file for some parties and store it")
      .requiredOption("--store <party>", "whose store, and who owns and signs it")
      .option("--for <parties>", "who else can read it, separated by commas", list, [])
      .action(action(run));
  },
};

async function run(
  { screen, dataDir, signal }: CommandContext,
  file: string,
  options: { readonly store: string; readonly for: readonly string[] },
): Promise<void> {
  const [{ publicKeyFromBase64 }, { findParty, openParty }, { fileSource }] = await Promise.all([
    import("@p8e/crypto"),
    import("@p8e/environment"),
    import("@p8e/object-client"),
  ]);
  await using party = await openParty(dataDir, options.store, { signal });
  const audience = options.for.map((name) => publicKeyFromBase64(findParty(party.file, name).encryptionKey));
  const source = await fileSource(file);
  const readers = [party.entry.title, ...options.for.map((name) => findParty(party.file, name).title)];
  const receipt = await screen.step(
    `encrypting ${file}`,
    (onProgress) =>
      party.store.put(source, {
        owner: party.keys.encryption.publicKey,
        signer: party.keys.signing,
        audience,
        signal,
        onProgress,
      }),
    () => `${file}: ${formatSize(source.sizeBytes)} encrypted for ${readers.join(" and ")}, stored durably`,
  );
  screen.facts([
    ["hash", receipt.hash],
    ["store", `${party.entry.storeUrl} (${party.entry.title})`],
    ["read it with", `npx p8e get ${receipt.hash} --as ${options.for[0] ?? options.store} --out FILE`],
  ]);
  screen.result({ ...receipt, readers: [options.store, ...options.for] });
}

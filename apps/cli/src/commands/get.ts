import { once } from "node:events";
import { stat } from "node:fs/promises";
import process from "node:process";
import type { CommandDefinition } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { formatSize, shorten } from "../terminal/format.ts";

/** `p8e get`. */
export const get: CommandDefinition = {
  register(program, action) {
    program
      .command("get <hash>")
      .description("fetch an object from one's own store, check it, decrypt it")
      .option("--as <party>", "who reads, from its own store; oneself by one's own profile")
      .option("--out <file>", "where to write it; standard output otherwise")
      .option("--from <party>", "whose signature it must carry")
      .action(action(run));
  },
};

const UNKNOWN_SIGNER = "nobody here knows the signer; name the one you expect with --from";

async function run(
  context: CommandContext,
  hashText: string,
  options: { readonly as?: string; readonly out?: string; readonly from?: string },
): Promise<void> {
  const { screen, openParty, signal } = context;
  const [{ partyOfKey, requireAffiliateOf }, { hashNamed }] = await Promise.all([
    import("@p8e/party"),
    import("../support/hash-named.ts"),
  ]);
  await using party = await openParty(options.as, "--as");
  const hash = await hashNamed(context, hashText, party.located);
  const { profile } = party;
  const expectedSigners = options.from === undefined ? [] : [requireAffiliateOf(profile, options.from).signingKey];
  const [store, keys] = [await party.store(), await party.keys()];
  const getOptions = {
    key: keys.encryption,
    signal,
    ...(expectedSigners.length === 0 ? {} : { expectedSigners }),
  };
  if (options.out === undefined) {
    await using object = await store.get(hash, getOptions);
    if (partyOfKey(profile, object.signer.base64) === undefined) screen.warn(UNKNOWN_SIGNER);
    if (screen.json) {
      screen.result({ hash, bytes: await object.bytes(), signer: object.signer.base64 });
      return;
    }
    for await (const chunk of object.read(signal)) {
      if (!process.stdout.write(chunk)) await once(process.stdout, "drain", { signal });
    }
    return;
  }
  const { out } = options;
  const report = await screen.step(
    `fetching ${shorten(hash)}`,
    (onProgress) => store.getToFile(hash, out, { ...getOptions, onProgress }),
    (done) => `${formatSize(done.plaintextBytes)} decrypted to ${out}; hash and signature are right`,
  );
  const signer = partyOfKey(profile, report.signer.base64);
  screen.facts([["signed by", signer?.title ?? `an unknown key, ${shorten(report.signer.base64)}`]]);
  if (signer === undefined) screen.warn(UNKNOWN_SIGNER);
  const { size } = await stat(out);
  screen.result({ hash, out, size, signer: report.signer.base64, signerName: signer?.title });
}

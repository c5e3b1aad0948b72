import { basename } from "node:path";
import { type ContentHash, hasCode, isP8eError, P8eError } from "@p8e/core";
import type { ObjectClient } from "@p8e/object-client";
import type { OpenParty, Reader } from "@p8e/party";
import { type CommandDefinition, list } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { showStored } from "../screens/show-stored.ts";
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

interface PutCommandOptions {
  readonly store?: string;
  readonly for: readonly string[];
  readonly name: boolean;
}

/** A store that restarts is waited for; one that is down is told of. */
const PATIENCE_MS = 3000;
const ASKING_MS = 3000;

async function run(context: CommandContext, file: string, options: PutCommandOptions): Promise<void> {
  const { screen, openParty, signal } = context;
  const [{ requireReader }, { storedView }, { fileSource }, { hashSource }] = await Promise.all([
    import("@p8e/party"),
    import("@p8e/party/views"),
    import("@p8e/object-client"),
    import("@p8e/crypto"),
  ]);
  await using party = await openParty(options.store, "--store", { storePatienceMs: PATIENCE_MS });
  const audience = options.for.map((text) => requireReader(party.profile, text));
  const source = await fileSource(file);
  const [store, keys] = [await party.store(), await party.keys()];
  const titles = new Set([party.self.title, ...audience.map((reader) => reader.title)]);
  const name = basename(file);
  const receipt = await screen.step(
    `encrypting ${file}`,
    async (onProgress) => {
      let hash: ContentHash | undefined;
      try {
        hash = await hashSource(source.open(), { signal });
        const described = options.name ? { file: { name, mediaType: mediaTypeOf(name), hash } } : {};
        return await store.put(source, {
          owner: keys.encryption.publicKey,
          signer: keys.signing,
          audience: audience.map((reader) => reader.key),
          ...described,
          signal,
          onProgress,
        });
      } catch (error) {
        throw hasCode(error, "rpc.cancelled")
          ? await whetherStored(store, party, hash, audience, stoppedBy(signal, error))
          : error;
      }
    },
    () => `${file}: ${formatSize(source.sizeBytes)} encrypted for ${[...titles].join(" and ")}, stored durably`,
  );
  await rememberLast(context, party.located, { hash: receipt.hash });
  // In an environment the reader is chosen; by profiles of their own, each reads as itself.
  const acted = await context.source();
  const reader = acted?.kind === "profile" ? "" : ` --as ${options.for[0] ?? party.self.name}`;
  const out = options.name ? "./" : "FILE";
  const from = `--from ${party.self.name} --out ${out}`;
  showStored(screen, {
    ...{ hash: receipt.hash, store: party.self.storeUrl, title: party.self.title },
    readWith: `npx p8e get ${receipt.hash}${reader} ${from}${atSameEnvironment(acted)}`,
  });
  screen.result(storedView(receipt, [party.self.name, ...audience.map((each) => each.name)]));
}

/** The reason that the signal gives says more than that a call was cancelled. */
function stoppedBy({ reason }: AbortSignal, error: P8eError): P8eError {
  return isP8eError(reason) ? reason : error;
}

/** An end by the person's will, with what came of it by then: asked of the store, which may have had all of it. */
async function whetherStored(
  store: ObjectClient,
  party: OpenParty,
  hash: ContentHash | undefined,
  audience: readonly Reader[],
  cause: P8eError,
): Promise<P8eError> {
  const { title, storeUrl } = party.self;
  if (hash === undefined) {
    return new P8eError("rpc.cancelled", `${cause.message}: nothing of it was sent to ${storeUrl}`, { cause });
  }
  const readers = [...audience.map(({ key }) => key), (await party.keys()).encryption.publicKey];
  let came: string;
  try {
    const stored = await store.holds(hash, readers, { signal: AbortSignal.timeout(ASKING_MS) });
    came = stored
      ? `it is stored at ${storeUrl} for all of its readers`
      : `it is not stored for them at ${storeUrl}, and putting it again is safe`;
  } catch (error) {
    came = `whether it is stored could not be asked (${P8eError.from(error).message}); putting it again is safe`;
  }
  return new P8eError("rpc.cancelled", `${cause.message}: ${came}`, { facts: { hash, party: title }, cause });
}

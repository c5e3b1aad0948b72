import { hasCode, parseContentHash, throwIfCancelled } from "@p8e/core";
import type { FileDescription } from "@p8e/crypto";
import { describeStored, type StoredDescription } from "@p8e/object-client";
import {
  type ListedObject,
  listObjects,
  openStoreReader,
  type StoreReader,
  storedPieces,
} from "@p8e/object-store/inspection";
import { type OpenParty, partyOfKey } from "@p8e/party";
import type { CommandContext } from "../command-context.ts";
import { showObjects } from "../screens/show-objects.ts";
import { shorten } from "../terminal/format.ts";
import { hashNamed } from "./hash-named.ts";
import { isoTime } from "./iso-times.ts";
import { atSameEnvironment } from "./same-environment.ts";
import { storeOfParty } from "./store-of.ts";

const PAGE = 50;

/**
 * Shows what the party's own store holds for it, out of the store's database.
 * @throws `configuration.invalid` for a store that is known by its URL alone; `rpc.cancelled`
 */
export async function listOwnObjects(
  context: CommandContext,
  options: { readonly as?: string; readonly after?: string },
): Promise<void> {
  const { screen, signal } = context;
  await using party = await context.openParty(options.as, "--as");
  const { located, profile, self } = party;
  const { configuration, title, sayWhose } = await storeOfParty(context, located);
  const { location, googleKeyFile } = configuration.storage;
  await using reader = await openStoreReader(configuration.database, { storage: location, googleKeyFile }).catch(
    sayWhose,
  );
  const after = options.after === undefined ? undefined : await hashNamed(context, options.after, located);
  const page = await listObjects(reader, { key: self.encryptionKey, after, limit: PAGE });
  const rows: (ListedObject & { readonly file: FileDescription | undefined; readonly signer: string | undefined })[] =
    [];
  for (const object of page.objects) {
    throwIfCancelled(signal);
    const { file, signer } = await describe(party, reader, object);
    rows.push({ ...object, file, signer: signer?.base64 });
  }
  const partyOf = (key: string | undefined) => (key === undefined ? undefined : partyOfKey(profile, key));
  const last = page.more ? rows.at(-1)?.hash : undefined;
  const source = await context.source();
  const as = source?.kind === "environment" ? ` --as ${self.name}` : "";
  showObjects(screen, {
    ...{ title, reader: self.title, goesOn: after !== undefined },
    objects: rows.map(({ file, signer, ...object }) => ({
      ...{ ...object, name: file?.name },
      from: partyOf(signer)?.title ?? (signer === undefined ? "unknown" : shorten(signer)),
    })),
    next: last && `npx p8e ls${as} --after ${last}${atSameEnvironment(source)}`,
  });
  screen.result({
    objects: rows.map(({ hash, file, signer, createdAt, contentLength }) => ({
      ...{ hash, name: file?.name, mediaType: file?.mediaType, from: partyOf(signer)?.name, signer },
      ...{ storedAt: isoTime(createdAt), size: contentLength },
    })),
    after: last ?? null,
  });
}

/** The party's key is asked for only where there is a name to be opened; an object whose bytes are missing says nothing. */
async function describe(party: OpenParty, reader: StoreReader, object: ListedObject): Promise<StoredDescription> {
  try {
    return await describeStored(storedPieces(reader, object), {
      hash: parseContentHash(object.hash),
      key: async () => (await party.keys()).encryption,
    });
  } catch (error) {
    if (hasCode(error, "store.storage")) return { file: undefined, signer: undefined };
    throw error;
  }
}

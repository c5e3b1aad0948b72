import { type ContentHash, hasCode } from "@p8e/core";
import {
  type FileDescription,
  type KeyReference,
  openFileDescription,
  type PublicKey,
  publicKeyFromPem,
} from "@p8e/crypto";
import {
  type ContainerHeader,
  ContainerHeaderParser,
  decodeMetadata,
  decodeSignatures,
  FILE_ENTRY,
} from "@p8e/envelope";

/** What a stored container says of itself, without its content: nothing of it is proved. */
export interface StoredDescription {
  readonly file: FileDescription | undefined;
  /** Who says that he has signed it. */
  readonly signer: PublicKey | undefined;
}

/**
 * Reads a stored container as far as its header goes, and opens what it says of its file. A header that is missing or was
 * changed says nothing.
 * @param key asked only where a name is to be opened
 * @throws what `pieces` and the key throw
 */
export async function describeStored(
  pieces: AsyncIterable<Uint8Array>,
  { hash, key }: { readonly hash: ContentHash; readonly key: () => Promise<KeyReference> },
): Promise<StoredDescription> {
  const header = await headerOf(pieces);
  if (header === undefined) return { file: undefined, signer: undefined };
  const named = orNothing(() => decodeMetadata(header.sections.metadata).has(FILE_ENTRY)) === true;
  return {
    file: named ? await openFileDescription({ header, hash, key: await key() }) : undefined,
    signer: orNothing(() => {
      const [entry] = decodeSignatures(header.sections.signatures);
      return entry && publicKeyFromPem(new TextDecoder().decode(entry.publicKey.subarray(0, 1024)));
    }),
  };
}

async function headerOf(pieces: AsyncIterable<Uint8Array>): Promise<ContainerHeader | undefined> {
  const parser = new ContainerHeaderParser();
  try {
    for await (const piece of pieces) {
      const parsed = parser.feed(piece);
      if (parsed !== undefined) return parsed.header;
    }
  } catch (error) {
    if (!hasCode(error, "envelope.malformed", "envelope.too_large")) throw error;
  }
  return undefined;
}

/** A header is the store's to change: what cannot be read in it is not said. */
function orNothing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

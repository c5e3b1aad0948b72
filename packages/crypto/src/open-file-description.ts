import { type ContentHash, isP8eError } from "@p8e/core";
import { type ContainerHeader, DEFAULT_ENVELOPE_LIMITS } from "@p8e/envelope";
import { defaultBackend } from "./default-backend.ts";
import { type FileDescription, fileEntryOf, openFileEntry } from "./file-entry.ts";
import type { KeyReference } from "./key-reference.ts";
import { openDataKey } from "./open-container.ts";
import { heapMemory, SecretScope } from "./secret-memory.ts";

/**
 * What an object's header says of its file, for one of its readers, without the payload. Undefined where it says nothing,
 * where the entry was changed, and for a header that this key does not open.
 * @throws what the key reference throws
 */
export async function openFileDescription(options: {
  readonly header: ContainerHeader;
  readonly hash: ContentHash;
  readonly key: KeyReference;
}): Promise<FileDescription | undefined> {
  const value = fileEntryOf(options.header);
  if (value === undefined) return undefined;
  const means = { limits: DEFAULT_ENVELOPE_LIMITS, backend: defaultBackend(), memory: heapMemory };
  using secrets = new SecretScope(means.memory);
  try {
    const dataKey = await openDataKey(options.header, options.key, means, secrets);
    return openFileEntry(value, { dataKey, hash: options.hash });
  } catch (error) {
    if (isP8eError(error) && error.code.startsWith("envelope.")) return undefined;
    throw error;
  }
}

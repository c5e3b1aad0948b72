import { open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isP8eError, P8eError } from "@p8e/core";

/** A device, a pipe or a folder is never replaced by a file. @throws `input.invalid` */
export async function requireReplaceable(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || found.isFile()) return;
  throw new P8eError("input.invalid", "there is something else than a file under this name", { facts: { path } });
}

/**
 * A file that appears whole or not at all, readable by its owner only.
 * @throws `input.invalid` when it cannot be written, and what `chunks` throws
 */
export async function writeWhole(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const sibling = join(dirname(path), `.${crypto.randomUUID()}.part`);
  try {
    await using file = await open(sibling, "wx", 0o600);
    for await (const chunk of chunks) await file.writeFile(chunk);
    await file.sync();
    await rename(sibling, path);
  } catch (error) {
    await rm(sibling, { force: true });
    if (isP8eError(error)) throw error;
    throw new P8eError("input.invalid", "the file cannot be written", { cause: error, facts: { path } });
  }
}

import { link, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isP8eError, P8eError } from "@p8e/core";

/**
 * A device, a pipe or a folder is never replaced by a file, and a file only by who says so.
 * @throws `input.invalid`
 */
export async function requireWritable(path: string, replace: boolean): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() && !replace) throw taken(path);
  if (found === undefined || found.isFile()) return;
  throw new P8eError("input.invalid", "there is something else than a file under this name", { facts: { path } });
}

/**
 * A file that appears whole or not at all, readable by its owner only; where the file system knows no links, a crash in the
 * last moment can leave an empty one.
 * @throws `input.invalid` when it cannot be written, and what `chunks` throws
 */
export async function writeWhole(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
  { replace }: { readonly replace: boolean },
): Promise<void> {
  const sibling = join(dirname(path), `.${crypto.randomUUID()}.part`);
  try {
    await using file = await open(sibling, "wx", 0o600);
    for await (const chunk of chunks) await file.writeFile(chunk);
    await file.sync();
    await (replace ? rename(sibling, path) : place(sibling, path));
  } catch (error) {
    await rm(sibling, { force: true });
    if (isP8eError(error)) throw error;
    throw new P8eError("input.invalid", "the file cannot be written", { cause: error, facts: { path } });
  }
}

/** Gives a file its name unless something has it by now. @throws `input.invalid` */
async function place(sibling: string, path: string): Promise<void> {
  try {
    await link(sibling, path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") throw taken(path);
    if (code !== "EPERM" && code !== "ENOTSUP" && code !== "ENOSYS" && code !== "EOPNOTSUPP") throw error;
    await placeWithoutLinks(sibling, path);
    return;
  }
  await rm(sibling, { force: true });
}

/** Where a file has one name alone, as on FAT, the name is taken by an empty file first, which a crash just then leaves. */
async function placeWithoutLinks(sibling: string, path: string): Promise<void> {
  try {
    await using _ = await open(path, "wx", 0o600);
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === "EEXIST" ? taken(path) : error;
  }
  try {
    await rename(sibling, path);
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

function taken(path: string): P8eError {
  return new P8eError("input.invalid", "there is a file under this name already, and it is not replaced", {
    facts: { path },
  });
}

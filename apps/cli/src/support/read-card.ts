import { constants } from "node:fs";
import { open } from "node:fs/promises";
import process from "node:process";
import { P8eError } from "@p8e/core";
import { CARD_BYTES_MAX } from "@p8e/party";

/**
 * The bytes of a card, from a regular file or, for `-`, from standard input; never more than a card can have and one.
 * @throws `input.invalid` for what cannot be read or is no regular file, `input.too_large`
 */
export async function readCard(file: string): Promise<Uint8Array> {
  const all = Buffer.alloc(CARD_BYTES_MAX + 1);
  const length = file === "-" ? await fillFromStandardInput(all) : await fillFromFile(file, all);
  if (length <= CARD_BYTES_MAX) return new Uint8Array(all.subarray(0, length));
  throw new P8eError("input.too_large", `a card has at most ${CARD_BYTES_MAX} bytes`, {
    facts: { file, limit: CARD_BYTES_MAX },
  });
}

async function fillFromStandardInput(all: Buffer): Promise<number> {
  let length = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    length += chunk.copy(all, length);
    if (length === all.length) break;
  }
  return length;
}

async function fillFromFile(file: string, all: Buffer): Promise<number> {
  // Without O_NONBLOCK, opening a pipe waits for its writer.
  const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);
  await using handle = await open(file, flags).catch((cause: unknown) => {
    const absent = (cause as NodeJS.ErrnoException).code === "ENOENT";
    const message = absent ? `there is no file ${file}` : `the card cannot be read: ${file}`;
    throw new P8eError("input.invalid", message, {
      facts: { file },
      hint: "p8e party card --out FILE makes a card, at the partner's.",
      cause,
    });
  });
  if (!(await handle.stat()).isFile()) {
    throw new P8eError("input.invalid", "a card is read from a regular file, or from standard input as -", {
      facts: { file },
    });
  }
  let length = 0;
  while (length < all.length) {
    const { bytesRead } = await handle.read(all, length, all.length - length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return length;
}

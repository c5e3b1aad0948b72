import { basename } from "node:path";
import { base64Encode, hashContent, utf8Encode } from "@p8e/core";
import { FILE_ENTRY } from "@p8e/envelope";
import { safeFileName } from "../../apps/cli/src/support/safe-file-name.ts";
import { fileEntryOf, openFileEntry, sealFileEntry } from "../../packages/crypto/src/file-entry.ts";
import { frameKey, IV_LENGTH, sealFrame } from "../../packages/crypto/src/frame.ts";
import { hkdfSha256 } from "../../packages/crypto/src/hmac.ts";
import type { Door } from "../door.ts";
import type { Random } from "../random.ts";
import { readersDoor } from "../readers-door.ts";

const dataKey = new Uint8Array(32).fill(7);
const hash = hashContent(Uint8Array.of(1));
const random = (length: number) => new Uint8Array(length).fill(3);

/** What a file is called, as whoever shares an object says it: sealed by them, or with anything in its place. */
export async function openDoor(): Promise<Door> {
  const sealed = sealFileEntry({ name: "a note.pdf", mediaType: "application/pdf" }, { dataKey, hash, random });
  if (openFileEntry(sealed, { dataKey, hash }) === undefined) throw new Error("the entry is sealed otherwise now");
  const metadata = (value: unknown) => utf8Encode(JSON.stringify({ [FILE_ENTRY]: value, other: "x" }));
  return readersDoor(
    [
      {
        seeds: [utf8Encode('{"name":"a note.pdf","mediaType":"application/pdf"}')],
        generate: (chance) => utf8Encode(description(chance)),
        // As somebody does who knows the object's data key: every reader of it.
        read: (text) => named(base64Encode(sealFrame(entryKey(), random(IV_LENGTH), text))),
      },
      { seeds: [utf8Encode(sealed)], read: (text) => named(new TextDecoder().decode(text)) },
      {
        seeds: [metadata(sealed), metadata(5)],
        read(section) {
          const value = fileEntryOf({ sections: { metadata: section } } as Parameters<typeof fileEntryOf>[0]);
          if (value !== undefined) named(value);
        },
      },
    ],
    { bytesMax: 256 * 1024, words: ["name", "mediaType", "../", "..\\", "CON", "\u202e", FILE_ENTRY, "a.pdf"] },
  );
}

function entryKey() {
  return frameKey(hkdfSha256(dataKey, { salt: new Uint8Array(), info: utf8Encode("P8E::FILE 1"), length: 32 }), hash);
}

/** The name becomes a file's in a folder of the reader's: never one anywhere else. */
function named(value: string): void {
  const name = openFileEntry(value, { dataKey, hash })?.name;
  const safe = name === undefined ? undefined : safeFileName(name);
  if (safe === undefined) return;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them belongs in a name
  const isPlain = basename(safe) === safe && safe !== "." && safe !== ".." && !/[\u0000-\u001f/\\]/.test(safe);
  if (!isPlain) throw new Error(`a file would be called ${JSON.stringify(safe)}`);
}

const PIECES = [
  "a",
  ".",
  "..",
  "/",
  "\\",
  "\0",
  ":",
  " ",
  "CON",
  "é",
  "\ud800",
  "\u202e",
  "\u0301",
  "~",
  "$",
  "\n",
  "-",
];

function description(random: Random): string {
  const name = Array.from({ length: 1 + random.size(400) }, () => random.pick(PIECES)).join("");
  const mediaType = random.pick([undefined, "", "a/b", "x".repeat(random.size(300)), "\ud800"]);
  return JSON.stringify({ name, mediaType });
}

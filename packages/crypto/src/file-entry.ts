import {
  base64Decode,
  base64Encode,
  type ContentHash,
  isP8eError,
  P8eError,
  parseJson,
  type RandomBytes,
  shape,
  utf8Decode,
  utf8Encode,
} from "@p8e/core";
import { type ContainerHeader, decodeMetadata, FILE_ENTRY } from "@p8e/envelope";
import { type FrameKey, frameKey, IV_LENGTH, openFrame, sealFrame } from "./frame.ts";
import { hkdfSha256 } from "./hmac.ts";
import { heapMemory, type SecretMemory, SecretScope } from "./secret-memory.ts";

/*
 * What a file was called travels with its object, readable for the object's readers alone: docs/protocol/file-name.md.
 */

/** What a file was called where it was stored from, as somebody with the object's data key says: no signature covers it. */
export interface FileDescription {
  /** As it was said: whoever makes a file of it takes care what the name can do. */
  readonly name: string;
  readonly mediaType?: string | undefined;
}

const LABEL = utf8Encode("P8E::FILE 1");
const NO_BYTES = new Uint8Array();
const KEY_LENGTH = 32;
const NAME_BYTES_MAX = 1024;
const MEDIA_TYPE_LENGTH_MAX = 127;
/** The sealed text is filled up with spaces to multiples of this, so that its length says little of the name's. */
const STEP_BYTES = 128;
/** Of the entry's value, in characters: more than the longest name makes of it. */
const VALUE_LENGTH_MAX = 16_384;

const fileShape = shape.openObject({
  name: shape.text({ says: "a file's name", form: /./su, lengthMax: NAME_BYTES_MAX }),
  mediaType: shape.optional(shape.text({ says: "a media type", lengthMax: MEDIA_TYPE_LENGTH_MAX })),
});

/**
 * The value of the metadata entry.
 * @throws `input.invalid` for a name that is empty, no Unicode or longer than 1,024 bytes, or a media type over 127 characters
 */
export function sealFileEntry(
  description: FileDescription,
  secret: {
    readonly dataKey: Uint8Array;
    readonly hash: ContentHash;
    readonly random: RandomBytes;
    readonly memory?: SecretMemory | undefined;
  },
): string {
  const { name, mediaType } = description;
  if (!isName(name)) {
    throw new P8eError("input.invalid", `a file's name has 1 to ${NAME_BYTES_MAX} bytes of Unicode text`, {
      facts: { name: name.slice(0, 100) },
    });
  }
  if ((mediaType ?? "").length > MEDIA_TYPE_LENGTH_MAX) {
    throw new P8eError("input.invalid", `a media type has at most ${MEDIA_TYPE_LENGTH_MAX} characters`, {
      facts: { mediaType: mediaType?.slice(0, 100) },
    });
  }
  const text = utf8Encode(JSON.stringify({ name, mediaType }));
  const filled = new Uint8Array(Math.ceil(text.length / STEP_BYTES) * STEP_BYTES).fill(0x20);
  filled.set(text);
  return base64Encode(sealFrame(entryKey(secret), secret.random(IV_LENGTH), filled));
}

function isName(name: string): boolean {
  return name !== "" && name.isWellFormed() && utf8Encode(name).length <= NAME_BYTES_MAX;
}

/** What a value says; undefined where it was not sealed with this data key for this object, or says nothing of use. */
export function openFileEntry(
  value: string,
  secret: { readonly dataKey: Uint8Array; readonly hash: ContentHash; readonly memory?: SecretMemory | undefined },
): FileDescription | undefined {
  if (value.length > VALUE_LENGTH_MAX) return undefined;
  try {
    const text = utf8Decode(openFrame(entryKey(secret), base64Decode(value), 15));
    const { name, mediaType } = parseJson(fileShape, text, { what: "the entry", bytesMax: VALUE_LENGTH_MAX });
    if (!isName(name) || mediaType?.isWellFormed() === false) return undefined;
    return { name, ...(mediaType === undefined ? {} : { mediaType }) };
  } catch (error) {
    if (isP8eError(error)) return undefined;
    throw error;
  }
}

/** The entry's value as it stands in a header, whose metadata may be anything. */
export function fileEntryOf(header: ContainerHeader): string | undefined {
  try {
    return decodeMetadata(header.sections.metadata).get(FILE_ENTRY);
  } catch (error) {
    if (isP8eError(error)) return undefined;
    throw error;
  }
}

/** Bound to the object by its hash, and apart from the payload's key. */
function entryKey({
  dataKey,
  hash,
  memory = heapMemory,
}: {
  readonly dataKey: Uint8Array;
  readonly hash: ContentHash;
  readonly memory?: SecretMemory | undefined;
}): FrameKey {
  using secrets = new SecretScope(memory);
  const key = secrets.adopt(hkdfSha256(dataKey, { salt: NO_BYTES, info: LABEL, length: KEY_LENGTH }));
  return frameKey(key, hash);
}

import { extname } from "node:path";

const BYTES_MAX = 200;
/** What moves cursors, ends lines, turns the direction of writing or cannot be seen. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
/** Windows gives these a meaning: a stream of another file, a pattern, a pipe. */
const MEANT = /[<>:"|?*]/g;
/** Windows takes these for devices in every folder, whatever follows a dot and however they are written. */
const DEVICE = /^(con|prn|aux|nul|clock\$|conin\$|conout\$|(com|lpt)[0-9¹²³])[ .]*(\.|$)/iu;
/** Of an extension that is kept when a name is cut. */
const EXTENSION_BYTES_MAX = 20;

/**
 * The name that a file gets here when somebody else says how it is called: its last path segment, without what a name could
 * do beside naming. Undefined where nothing is left that could be a name on every system.
 */
export function safeFileName(said: string): string | undefined {
  const segment = said.split(/[/\\]/).at(-1) ?? "";
  const plain = trimmed(segment.replace(UNSEEN, "").replace(MEANT, "_"));
  const name = trimmed(cut(plain));
  return name === "" || DEVICE.test(name) ? undefined : name;
}

/** No leading dot hides the file, and no trailing one is lost on Windows. */
function trimmed(name: string): string {
  return name.replace(/^[\s.]+/u, "").replace(/[\s.]+$/u, "");
}

/** At the end of a character, before the extension. */
function cut(name: string): string {
  if (Buffer.byteLength(name) <= BYTES_MAX) return name;
  const extension = extname(name);
  const kept = Buffer.byteLength(extension) <= EXTENSION_BYTES_MAX ? extension : "";
  let stem = "";
  let room = BYTES_MAX - Buffer.byteLength(kept);
  for (const character of name) {
    room -= Buffer.byteLength(character);
    if (room < 0) break;
    stem += character;
  }
  return `${stem}${kept}`;
}

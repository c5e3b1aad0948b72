import { Buffer } from "node:buffer";
import { createCipheriv, createHash } from "node:crypto";

const LINE_LENGTH = 76;
const LINE_BYTES = (LINE_LENGTH / 4) * 3;
const LINES_PER_CHUNK = 1024;

/**
 * A text document of exactly `sizeBytes` that means nothing: a sentence saying so, then lines of base64 of a key stream.
 * Size and seed determine every byte, so a reader can make it again and compare. Memory does not grow with the size.
 */
export async function* syntheticDocument(sizeBytes: number, seed: string): AsyncGenerator<Uint8Array, void, undefined> {
  const title = `SYNTHETIC DOCUMENT of ${sizeBytes} bytes, made from the seed ${JSON.stringify(seed)}. It describes nobody.\n`;
  let left = sizeBytes;
  const cut = (bytes: Uint8Array): Uint8Array => {
    const part = bytes.subarray(0, left);
    left -= part.length;
    return part;
  };
  if (left > 0) yield cut(new TextEncoder().encode(title));
  const key = createHash("sha256").update(seed).digest();
  const stream = createCipheriv("aes-256-ctr", key, Buffer.alloc(16));
  const zeros = Buffer.alloc(LINE_BYTES * LINES_PER_CHUNK);
  while (left > 0) {
    const text = stream.update(zeros).toString("base64");
    const lines = new Uint8Array((LINE_LENGTH + 1) * LINES_PER_CHUNK).fill(0x0a);
    const chunk = Buffer.from(lines.buffer);
    for (let line = 0; line < LINES_PER_CHUNK; line++) {
      chunk.write(text.slice(line * LINE_LENGTH, (line + 1) * LINE_LENGTH), line * (LINE_LENGTH + 1), "latin1");
    }
    yield cut(lines);
  }
}

import { readFileSync } from "node:fs";
import { concatBytes, hexDecode } from "@p8e/core";
import {
  ContainerHeaderParser,
  decodeEnvelope,
  decodeMetadata,
  decodeSignatures,
  decodeUri,
  type ParsedHeader,
} from "@p8e/envelope";
import * as envelope from "@p8e/proto/envelope";
import { type Door, functionDoor } from "../door.ts";
import { messageBytes } from "../grammar.ts";

const hexes = [
  ...readFileSync(new URL("../../vectors/dime.json", import.meta.url), "utf8").matchAll(/"([0-9a-f]{40,})"/g),
];

/** A container as it is uploaded, in chunks; the first byte says how long those are. */
export async function openDoor(): Promise<Door> {
  const containers = hexes.map(([, hex]) => hexDecode(hex!)).filter(({ length }) => length < 20_000);
  return functionDoor({
    seeds: containers.map((bytes) => concatBytes(Uint8Array.of(255), bytes)),
    bytesMax: 6 * 1024 * 1024,
    generate: (random) =>
      concatBytes(Uint8Array.of(0), messageBytes(random, envelope.DIMESchema, { bytesMax: 100_000 })),
    run(input) {
      const [kind = 0] = input;
      const bytes = input.subarray(1);
      if (kind === 0) {
        decodeEnvelope(bytes);
        return;
      }
      const { header } = parsed(bytes, kind);
      decodeMetadata(header.sections.metadata);
      decodeUri(header.sections.uri);
      decodeSignatures(header.sections.signatures);
      decodeEnvelope(header.sections.envelope);
    },
  });
}

function parsed(bytes: Uint8Array, length: number): ParsedHeader {
  const parser = new ContainerHeaderParser();
  for (let at = 0; at < bytes.length; at += length * 64) {
    const found = parser.feed(bytes.subarray(at, at + length * 64));
    if (found !== undefined) return found;
  }
  return parser.end();
}

import { bundleHeaderLine, describedContract } from "@p8e/contract";
import { base64Encode, utf8Encode } from "@p8e/core";
import { decodeMessage } from "@p8e/decoding";
import { type Door, functionDoor } from "../door.ts";
import type { Random } from "../random.ts";
import { fileOf, shaped } from "./types.ts";

const bundle = utf8Encode(`${bundleHeaderLine("x.Hostile")}export {};\n`);
const BYTES_MAX = 4 * 1024 * 1024;
/** Base64 of empty types, each of two bytes. */
const EMPTIES = "IgAiACIA";

/** What a bundle says of itself. */
export async function openDoor(): Promise<Door> {
  const honest = description({ "x.proto": base64Encode(fileOf([{ name: "Out" }])) });
  return functionDoor({
    seeds: [utf8Encode(honest)],
    words: ["className", "scopes", "OWNER", "records", "functions", "inputs", "writes", "typeName", "files", "lineage"],
    bytesMax: BYTES_MAX,
    generate: (random) => utf8Encode(description(files(random))),
    async run(input) {
      const { manifest, types } = await describedContract(bundle, new TextDecoder().decode(input));
      // As whoever runs the contract does with what its functions give.
      for (const { writes } of manifest.functions.slice(0, 3)) {
        decodeMessage(types.message(writes.typeName), new Uint8Array(0), { what: "an output" });
      }
    },
  });
}

function files(random: Random): Readonly<Record<string, string>> {
  if (random.oneIn(4)) return { "x.proto": `Cgd4LnByb3Rv${EMPTIES.repeat(random.size(BYTES_MAX / 9))}` };
  return { "x.proto": base64Encode(fileOf(shaped(random))) };
}

function description(files: Readonly<Record<string, string>>): string {
  return JSON.stringify({
    className: "x.Hostile",
    scopes: ["x"],
    participants: ["OWNER"],
    records: [],
    functions: [{ name: "go", invokedBy: "OWNER", inputs: [], writes: "out", typeName: "x.Out", lineage: [] }],
    files,
  });
}

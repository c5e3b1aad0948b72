import { bundleHeaderLine, parseBundleHeader, requireAbi } from "@p8e/contract";
import { utf8Encode } from "@p8e/core";
import { type Door, functionDoor } from "../door.ts";

/** The first line of a bundle. */
export async function openDoor(): Promise<Door> {
  return functionDoor({
    seeds: [utf8Encode(`${bundleHeaderLine("x.Hostile")}export {};\n`), Uint8Array.of(0x50, 0x4b, 3, 4, 0)],
    words: ["// p8e-contract", "abi=", "class=", "2", "\n", "\r\n"],
    bytesMax: 3 * 1024 * 1024,
    run: (input) => requireAbi(parseBundleHeader(input)),
  });
}

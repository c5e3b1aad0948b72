import { readFileSync } from "node:fs";
import { networks, utf8Encode } from "@p8e/core";
import { parsePartyCard } from "@p8e/party";
import { type Door, functionDoor } from "../door.ts";

interface Vectors {
  readonly vectors: readonly { readonly card?: unknown }[];
}

/** The card of a partner. */
export async function openDoor(): Promise<Door> {
  const file = readFileSync(new URL("../../vectors/party-card.json", import.meta.url), "utf8");
  const { vectors } = JSON.parse(file) as Vectors;
  const cards = vectors.flatMap(({ card }) => (typeof card === "string" ? [card] : []));
  return functionDoor({
    seeds: cards.map((card) => utf8Encode(card)),
    words: [
      "format",
      "network",
      "signatures",
      "signingKey",
      "encryptionKey",
      "store",
      "address",
      "name",
      "chain-local",
    ],
    bytesMax: 256 * 1024,
    run: (input) => void parsePartyCard(input, networks.local),
  });
}

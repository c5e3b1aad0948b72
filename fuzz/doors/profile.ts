import { readFileSync } from "node:fs";
import { networks, utf8Encode } from "@p8e/core";
import { parseProfile } from "@p8e/party";
import { type Door, functionDoor } from "../door.ts";

/** With keys and addresses that stand in the vectors of cards. */
function sound(): string {
  const file = readFileSync(new URL("../../vectors/party-card.json", import.meta.url), "utf8");
  const { vectors } = JSON.parse(file) as { readonly vectors: readonly { readonly card: string }[] };
  const { name, title, address, signingKey, encryptionKey } = JSON.parse(vectors[0]!.card) as Record<string, string>;
  return JSON.stringify({
    format: 1,
    network: "local",
    party: { name, title, address, signingKey, encryptionKey },
    node: { url: "grpc://127.0.0.1:9090" },
    keys: { signing: "file:.p8e/keys/lender", encryption: "file:.p8e/keys/lender" },
    store: { url: "grpc://127.0.0.1:8080", data: ".p8e/store" },
    feeMax: "$25",
    partners: { bank: { title, address, signingKey, encryptionKey, storeUrl: "grpc://127.0.0.1:8081" } },
  });
}

/** The profile of a party, of whatever origin. */
export async function openDoor(): Promise<Door> {
  return functionDoor({
    seeds: [utf8Encode(sound())],
    words: [
      "format",
      "network",
      "party",
      "node",
      "keys",
      "store",
      "partners",
      "url",
      "tls",
      "feeMax",
      "serving",
      "database",
      "file:",
      "env:X",
      "mainnet",
    ],
    bytesMax: 256 * 1024,
    run: (input) => void parseProfile(new TextDecoder().decode(input), "p8e.json", () => networks.local),
  });
}

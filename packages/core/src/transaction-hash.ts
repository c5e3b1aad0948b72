import { hexEncode } from "./bytes.ts";
import { sha256 } from "./content-hash.ts";

/** A transaction's name on the chain, known before it is sent: the SHA-256 of its bytes in hexadecimal, in capitals. */
export function transactionHash(bytes: Uint8Array): string {
  return hexEncode(sha256(bytes)).toUpperCase();
}

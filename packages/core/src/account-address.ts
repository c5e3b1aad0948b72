import { bech32Decode, bech32Encode } from "./bech32-text.ts";
import type { Brand } from "./brand.ts";
import { P8eError } from "./errors.ts";

/** bech32 text of 20 bytes (a key's) or 32 (a module's or contract's), with the network's prefix. */
export type AccountAddress = Brand<string, "AccountAddress">;

/** What the addresses of a network's accounts begin with: comes from the `Network`, never from a key. */
export type AccountPrefix = Brand<string, "AccountPrefix">;

/** Lower case and short enough for every address that is made with it. */
const PREFIX = /^[a-z][a-z0-9]{0,19}$/;

/** @throws `configuration.invalid` unless the value is lower-case letters and digits, at most 20, a letter first */
export function parseAccountPrefix(value: unknown): AccountPrefix {
  if (typeof value !== "string" || !PREFIX.test(value)) {
    throw new P8eError("configuration.invalid", "an account prefix is one to twenty lower-case letters and digits", {
      facts: { field: "accountPrefix" },
    });
  }
  return value as AccountPrefix;
}

/** @throws `address.invalid` unless the text is an account address, of this network when `prefix` is given */
export function parseAccountAddress(text: string, prefix?: AccountPrefix): AccountAddress {
  const decoded = bech32Decode(text);
  const lengthFits = decoded?.bytes.length === 20 || decoded?.bytes.length === 32;
  const prefixFits = prefix === undefined ? PREFIX.test(decoded?.prefix ?? "") : decoded?.prefix === prefix;
  if (!lengthFits || !prefixFits) {
    throw new P8eError("address.invalid", `not an account address${prefix ? ` that begins with ${prefix}1` : ""}`, {
      facts: { given: text.slice(0, 120) },
    });
  }
  return text.toLowerCase() as AccountAddress;
}

/** The address of an account by its 20 or 32 bytes, on the network with this prefix. */
export function accountAddressFromBytes(prefix: AccountPrefix, bytes: Uint8Array): AccountAddress {
  return bech32Encode(prefix, bytes) as AccountAddress;
}

/** The 20 or 32 bytes of an account, whatever its network. @throws `address.invalid` */
export function accountAddressToBytes(address: AccountAddress): Uint8Array {
  const decoded = bech32Decode(address);
  if (decoded === undefined) throw new P8eError("address.invalid", "not an account address");
  return decoded.bytes;
}

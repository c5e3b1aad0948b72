import { accountAddress, publicKeyFromBase64 } from "@p8e/crypto";
import type { EnvironmentFile } from "@p8e/environment";

/** The party a key belongs to, as people call it. */
export function nameOfKey(file: EnvironmentFile, key: string): string | undefined {
  return file.parties.find((party) => party.encryptionKey === key || party.signingKey === key)?.title;
}

/** An affiliate is known by the addresses of both its keys. */
export function nameOfAddress(file: EnvironmentFile, address: string): string | undefined {
  return file.parties.find(
    (party) =>
      party.address === address ||
      accountAddress(publicKeyFromBase64(party.encryptionKey), file.accountPrefix) === address,
  )?.title;
}

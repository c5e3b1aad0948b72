import type { EnvironmentFile } from "@p8e/environment";

/** The party a key belongs to, as people call it. */
export function nameOfKey(file: EnvironmentFile, key: string): string | undefined {
  return file.parties.find((party) => party.encryptionKey === key || party.signingKey === key)?.title;
}

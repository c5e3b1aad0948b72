import type { Screen } from "../terminal/screen.ts";

/** What is public of a party's keys. */
export interface KeysView {
  readonly reference?: string;
  readonly signingKey: string;
  readonly encryptionKey: string;
  readonly address: string;
  readonly encryptionAddress: string;
  readonly signingKeyHex: string;
  readonly encryptionKeyHex: string;
  /** Whether the keys themselves were opened to tell it. */
  readonly opened: boolean;
}

/** `p8e key show`. */
export function showKeys(screen: Screen, keys: KeysView): void {
  const one = keys.signingKey === keys.encryptionKey;
  screen.facts([
    [one ? "key" : "signing key", keys.signingKey],
    [one ? "key as hex" : "signing key as hex", keys.signingKeyHex],
    ["address", keys.address],
    ["encryption key", one ? undefined : keys.encryptionKey],
    ["encryption key as hex", one ? undefined : keys.encryptionKeyHex],
    ["its address", one ? undefined : keys.encryptionAddress],
  ]);
  if (keys.opened) return;
  screen.note(`  as the ${keys.reference === undefined ? "profile" : "file"} says; --check opens the keys`);
}

import { networks } from "@p8e/core";
import { type PrivateKey, privateKeyFromMnemonic } from "@p8e/crypto";

/** The first account of the reference's local network; its words are public. */
const FAUCET_WORDS =
  "stable payment cliff fault abuse clinic bus belt film then forward world goose bring picnic rich special brush basic lamp window coral worry change";

export function faucetKey(): PrivateKey {
  return privateKeyFromMnemonic(FAUCET_WORDS, networks.local.derivationPath);
}

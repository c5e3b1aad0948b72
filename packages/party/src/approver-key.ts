import { P8eError } from "@p8e/core";
import { type KeyReference, publicKeyFromBase64 } from "@p8e/crypto";
import { openPartyKeys, type PassphraseSource } from "@p8e/keys";
import type { Approvers } from "@p8e/sdk";
import type { LocatedProfile, Profile } from "./profile/profile.ts";

/** The key of a person, usable until this is disposed of. */
export interface ApproverKey extends AsyncDisposable {
  readonly key: KeyReference;
}

/** How a person's key is opened. */
export interface ApproverKeyOptions {
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly passphrase: PassphraseSource;
  readonly signal?: AbortSignal | undefined;
}

/** Whose yes a party wants, as its profile says. */
export function approversOf({ approvers }: Profile): Approvers | undefined {
  if (approvers === undefined) return undefined;
  const people = approvers.people.map(({ name, signingKey }) => ({ name, key: publicKeyFromBase64(signingKey) }));
  return { needed: approvers.needed, people };
}

/**
 * Opens the key of a person whose yes a party wants.
 * @throws `key.unavailable` when the profile names no such person; `key.invalid` when the key found is another than it names
 */
export async function openApproverKey(
  { profile, folder, file }: LocatedProfile,
  name: string,
  { variables, passphrase, signal }: ApproverKeyOptions,
): Promise<ApproverKey> {
  const people = profile.approvers?.people ?? [];
  const approver = people.find((each) => each.name === name);
  if (approver === undefined) {
    throw new P8eError("key.unavailable", `the profile names no approver "${name}"`, {
      facts: { party: name, parties: people.map((each) => each.name) },
    });
  }
  const { signingPath } = profile.keys;
  const paths = { signing: signingPath, encryption: signingPath };
  const references = { signing: approver.key, encryption: approver.key };
  const opened = await openPartyKeys(references, { folder, variables, passphrase, paths, signal });
  if (opened.signing.publicKey.base64 !== approver.signingKey) {
    await opened[Symbol.asyncDispose]();
    throw new P8eError("key.invalid", `the key found is not the one that ${file} names for "${name}"`, {
      facts: { approver: name, file },
    });
  }
  return { key: opened.signing, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
}

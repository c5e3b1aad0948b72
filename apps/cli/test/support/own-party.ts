import { mkdirSync } from "node:fs";
import { networks } from "@p8e/core";
import { createProfile, type Profile, parsePartyName } from "@p8e/party";
import type { CommandLine, StartOptions } from "./p8e.ts";

/** A party with keys and a profile of its own, in a folder of its own. */
export interface OwnParty {
  readonly folder: string;
  /** `p8e.json`. */
  readonly file: string;
  readonly profile: Profile;
  /** For runs of the command as this party. */
  readonly as: StartOptions;
}

/** Makes keys by `p8e key new` and a profile with them. */
export async function ownParty(
  cli: CommandLine,
  name: string,
  of: { readonly storeUrl: string; readonly nodeUrl: string; readonly store?: Profile["store"] },
): Promise<OwnParty> {
  const folder = cli.path(name);
  mkdirSync(folder);
  const keys = await cli.json<{
    readonly signingKey: string;
    readonly encryptionKey: string;
    readonly address: Profile["party"]["address"];
    readonly reference: { readonly signing: string; readonly encryption: string };
    readonly paths: { readonly signing: string; readonly encryption: string };
  }>(["key", "new", `${name}/.p8e/keys`, "--plain"]);
  const profile: Profile = {
    party: {
      name: parsePartyName(name),
      title: `The ${name}`,
      address: keys.address,
      signingKey: keys.signingKey,
      encryptionKey: keys.encryptionKey,
      storeUrl: of.storeUrl,
    },
    network: networks.local,
    node: { url: of.nodeUrl },
    keys: { ...keys.reference, signingPath: keys.paths.signing, encryptionPath: keys.paths.encryption },
    store: of.store ?? {},
    partners: [],
  };
  const { file } = await createProfile(folder, profile);
  return { folder, file, profile, as: { profile: file } };
}

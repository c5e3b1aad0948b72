import process from "node:process";
import { P8eError } from "@p8e/core";
import type { SaidElsewhere } from "@p8e/party";
import { atNode, findProfile, type LocatedProfile, type ProfileSource, readProfile } from "@p8e/party/profile";
import type { CommandContext } from "../command-context.ts";
import type { NodeOptions } from "../node-options.ts";
import { chooseNetwork } from "./choose-network.ts";

/** What the command line says of where to look. */
export interface ProfileOptions {
  readonly profile?: string | undefined;
  readonly data?: string | undefined;
}

/** @throws `input.invalid` when the options contradict each other */
export function sourceOf(
  options: ProfileOptions,
  variables: CommandContext["variables"],
): Promise<ProfileSource | undefined> {
  return findProfile({ ...options, variables, workingFolder: process.cwd() });
}

/**
 * The profile that a command acts by.
 * @throws `environment.not_running`, `configuration.invalid`; `input.invalid` when an environment's party is not named;
 *   `key.unavailable` when it is another than there is
 */
export async function locateProfile(
  source: ProfileSource | undefined,
  name: string | undefined,
  option: string,
): Promise<LocatedProfile> {
  if (source === undefined) {
    throw new P8eError("environment.not_running", "there is no profile here, and no environment", {
      facts: { folder: process.cwd() },
      hint: "npx p8e up starts an environment, npx p8e init makes a profile; --data and --profile name one elsewhere.",
    });
  }
  if (source.kind === "profile") {
    const located = await readProfile(source.file);
    const own = located.profile.party.name;
    if (name === undefined || name === own) return located;
    throw new P8eError("key.unavailable", `${located.file} is the profile of ${own}, not of ${name}`, {
      facts: { party: name, parties: [own] },
      hint: `Leave ${option} out: a party acts for itself.`,
    });
  }
  const { environmentProfile, requireEnvironment } = await import("@p8e/environment/profiles");
  if (name !== undefined) return environmentProfile(source.dataDir, name);
  const { parties } = await requireEnvironment(source.dataDir);
  throw new P8eError("input.invalid", `${option} is missing: an environment has several parties`, {
    facts: { parties: parties.map((party) => party.name) },
  });
}

/** The profile that is there, or in an environment that of its first party: for what all of them see alike. */
async function locateAny(source: ProfileSource | undefined): Promise<LocatedProfile> {
  if (source?.kind !== "environment") return locateProfile(source, undefined, "--as");
  const { profilesOf, requireEnvironment } = await import("@p8e/environment/profiles");
  const [first] = profilesOf(source.dataDir, await requireEnvironment(source.dataDir));
  if (first === undefined) {
    throw new P8eError("configuration.invalid", "the environment has no parties", {
      facts: { folder: source.dataDir },
    });
  }
  return first;
}

/** @throws `configuration.invalid`, `input.invalid` */
async function atChosenNode(located: LocatedProfile, { node, network }: NodeOptions): Promise<LocatedProfile> {
  return atNode(located, {
    url: node,
    network: network === undefined ? undefined : (await chooseNetwork(network)).network,
  });
}

/** The option that named the node, where it is not the profile's. */
function saidBy({ node }: NodeOptions, found: LocatedProfile, located: LocatedProfile): string | undefined {
  if (node !== undefined) return "--node";
  return located.profile.node.url === found.profile.node.url ? undefined : "--network";
}

/**
 * The part of a command's context that finds and opens profiles; what it found is told under `--json`, and to `onLocated`.
 */
export function profileContext(
  options: ProfileOptions,
  rest: Pick<CommandContext, "screen" | "signal" | "variables" | "passphrase">,
  onLocated: (located: LocatedProfile, said?: SaidElsewhere) => void,
): Pick<CommandContext, "source" | "profile" | "anyProfile" | "openParty"> {
  const { screen, signal, variables, passphrase } = rest;
  const acting = (located: LocatedProfile) => {
    screen.actsBy(located.file);
    onLocated(located);
    return located;
  };
  const source = () => sourceOf(options, variables);
  const profile = async (name: string | undefined, option: string) =>
    acting(await locateProfile(await source(), name, option));
  return {
    source,
    profile,
    anyProfile: async () => acting(await locateAny(await source())),
    openParty: async (name, option, opening = {}) => {
      const [{ openParty }, found] = await Promise.all([import("@p8e/party"), profile(name, option)]);
      const located = await atChosenNode(found, opening);
      onLocated(located, { node: saidBy(opening, found, located) });
      const { feeMax, storePatienceMs } = opening;
      return openParty(located, { variables, signal, passphrase, feeMax, storePatienceMs });
    },
  };
}

import type { PassphraseSource } from "@p8e/keys";
import type { LocatedProfile, OpenParty, OpenPartyOptions, ProfileSource } from "@p8e/party";
import type { NodeOptions } from "./node-options.ts";
import type { Screen } from "./terminal/screen.ts";

/** What every command gets. */
export interface CommandContext {
  readonly screen: Screen;
  /** Where an environment lies that is to be started: `--data`, `P8E_DATA` or `./.p8e`. */
  readonly dataDir: string;
  /** Asks where `--passphrase-fd` or `P8E_PASSPHRASE_FILE` say, else on the terminal; only when a passphrase is wanted. */
  readonly passphrase: PassphraseSource;
  /** Whether exact amounts are told beside rounded ones. */
  readonly verbose: boolean;
  /** Fires on Ctrl-C. */
  readonly signal: AbortSignal;
  /** Environment variables. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** What the options, the variables or the folders name; undefined when nothing is named and nothing is there. */
  source(): Promise<ProfileSource | undefined>;
  /**
   * The profile to act by. In an environment `name` chooses one of its parties; a party's own profile needs no name.
   * @param option the one that `name` was given by, for messages: `--as`
   */
  profile(name: string | undefined, option: string): Promise<LocatedProfile>;
  /** For what every party of an environment sees alike: a profile without a name. */
  anyProfile(): Promise<LocatedProfile>;
  /** The same as `profile`, opened; at the node and on the network that `opening` names, where it does. */
  openParty(name: string | undefined, option: string, opening?: PartyOpening): Promise<OpenParty>;
}

/** What the options of a command change of a party's profile, for this once. */
export type PartyOpening = Pick<OpenPartyOptions, "feeMax" | "storePatienceMs"> & NodeOptions;

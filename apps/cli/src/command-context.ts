import type { PassphraseSource } from "@p8e/keys";
import type { Screen } from "./terminal/screen.ts";

/** What every command gets. */
export interface CommandContext {
  readonly screen: Screen;
  readonly dataDir: string;
  /** Asks where `--passphrase-fd` or `P8E_PASSPHRASE_FILE` say, else on the terminal; only when a passphrase is wanted. */
  readonly passphrase: PassphraseSource;
  /** Fires on Ctrl-C. */
  readonly signal: AbortSignal;
}

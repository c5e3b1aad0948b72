import type { Screen } from "./terminal/screen.ts";

/** What every command gets. */
export interface CommandContext {
  readonly screen: Screen;
  readonly dataDir: string;
  /** Fires on Ctrl-C. */
  readonly signal: AbortSignal;
}

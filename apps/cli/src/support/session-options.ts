import type { Command } from "commander";
import { type NodeOptions, withNode } from "../node-options.ts";

/** What every command on sessions that several sign can be told. */
export interface SessionCommandOptions extends NodeOptions {
  readonly as?: string;
}

/** Adds them to a command. */
export function withParty(command: Command): Command {
  return withNode(command).option("--as <party>", "whose sessions; one's own by one's own profile");
}

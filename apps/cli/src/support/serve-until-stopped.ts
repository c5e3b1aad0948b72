import type { CommandContext } from "../command-context.ts";
import { stay } from "./stay.ts";

/** A server in this process, until the command is interrupted. */
export async function serveUntilStopped(
  { screen, signal }: CommandContext,
  what: string,
  open: () => Promise<AsyncDisposable & { readonly port: number }>,
): Promise<void> {
  await using served = await open();
  screen.say(`${what} serves on port ${served.port}`);
  screen.result({ port: served.port });
  await stay(screen, signal);
}

import type { CommandContext } from "../command-context.ts";
import { stay } from "./stay.ts";

/** A server in this process, until the command is interrupted. */
export async function serveUntilStopped(
  { screen, signal }: CommandContext,
  what: string,
  open: () => Promise<AsyncDisposable & { readonly port: number; readonly url: string }>,
): Promise<void> {
  await using served = await open();
  const { port, url } = served;
  screen.say(`${what} serves at ${url}`);
  screen.result({ port, url });
  await stay(screen, signal);
}

import type { Screen } from "../terminal/screen.ts";

/** Waits until the command is interrupted. */
export async function stay(screen: Screen, signal: AbortSignal): Promise<void> {
  screen.say("\nIt stays up. Ctrl-C stops it; what is stored stays.");
  if (!signal.aborted) {
    await new Promise<void>((done) => {
      // A pending promise alone does not keep a process alive.
      const alive = setInterval(() => undefined, 60_000);
      signal.addEventListener(
        "abort",
        () => {
          clearInterval(alive);
          done();
        },
        { once: true },
      );
    });
  }
  screen.say("\nStopping ...");
}

import type { CommandDefinition } from "../command.ts";
import type { CommandContext } from "../command-context.ts";

/** `p8e down`. */
export const down: CommandDefinition = {
  register(program, action) {
    program
      .command("down")
      .description("stop what runs here: the environment, or a profile's own store and ledger; all data stays")
      .action(action(run));
  },
};

async function run(context: CommandContext): Promise<void> {
  const { screen, signal } = context;
  const [{ servingOf, standingView }, { standingOf, stopServers }] = await Promise.all([
    import("../support/serving-of.ts"),
    import("@p8e/environment"),
  ]);
  const stopped = [];
  for (const serving of await servingOf(context)) {
    const { process, leftDatabase } = await standingOf(serving);
    if (process === undefined && leftDatabase === undefined) {
      screen.say(`– ${serving.what} does not run in ${serving.folder}`);
      continue;
    }
    const title = process === undefined ? `the database that ${serving.what} left` : serving.what;
    const was = await screen.step(
      `stopping ${title}`,
      () => stopServers(serving, { signal }),
      () => `stopped ${title} (process ${process ?? leftDatabase})`,
    );
    stopped.push(standingView(was));
  }
  screen.result({ stopped });
}

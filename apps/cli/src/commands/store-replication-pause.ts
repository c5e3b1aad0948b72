import { type CommandDefinition, group } from "../command.ts";
import type { CommandContext } from "../command-context.ts";

/** `p8e store replication pause`. */
export const storeReplicationPause: CommandDefinition = {
  register(program, action) {
    group(group(program, "store"), "replication")
      .command("pause <url>")
      .description("send nothing to a store until it is resumed")
      .option("--store <party>", "whose store; one's own by one's own profile; or the one that the DB_ variables name")
      .action(action(run));
  },
};

async function run(context: CommandContext, url: string, options: { readonly store?: string }): Promise<void> {
  const [{ pauseReplication }, { storeOf }] = await Promise.all([
    import("@p8e/object-store/inspection"),
    import("../support/store-of.ts"),
  ]);
  const { configuration, sayWhose } = await storeOf(context, options.store);
  await pauseReplication(configuration.database, url).catch(sayWhose);
  context.screen.say(`nothing is sent to ${url}`);
  context.screen.result({ url, paused: true });
}

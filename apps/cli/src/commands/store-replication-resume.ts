import { type CommandDefinition, group } from "../command.ts";
import type { CommandContext } from "../command-context.ts";

/** `p8e store replication resume`. */
export const storeReplicationResume: CommandDefinition = {
  register(program, action) {
    group(group(program, "store"), "replication")
      .command("resume <url>")
      .description("send to a paused store again")
      .option("--store <party>", "whose store; one's own by one's own profile; or the one that the DB_ variables name")
      .action(action(run));
  },
};

async function run(context: CommandContext, url: string, options: { readonly store?: string }): Promise<void> {
  const [{ resumeReplication }, { storeOf }] = await Promise.all([
    import("@p8e/object-store/inspection"),
    import("../support/store-of.ts"),
  ]);
  const { configuration, sayWhose } = await storeOf(context, options.store);
  await resumeReplication(configuration.database, url).catch(sayWhose);
  context.screen.say(`objects are sent again to ${url}`);
  context.screen.result({ url, paused: false });
}

import { type CommandDefinition, group } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { showReplication } from "../screens/show-replication.ts";
import { withIsoTimes } from "../support/iso-times.ts";

/** `p8e store replication list`. */
export const storeReplicationList: CommandDefinition = {
  register(program, action) {
    group(group(program, "store"), "replication")
      .command("list")
      .description("what waits for which store, and what was refused or set aside and why")
      .option("--store <party>", "whose store; one's own by one's own profile; or the one that the DB_ variables name")
      .action(action(run));
  },
};

const LIMIT = 100;

async function run(context: CommandContext, options: { readonly store?: string }): Promise<void> {
  const { screen } = context;
  const [{ openStoreReader, replicationOverview }, { storeOf }] = await Promise.all([
    import("@p8e/object-store/inspection"),
    import("../support/store-of.ts"),
  ]);
  const { configuration, title, nameOf, partyOf, sayWhose } = await storeOf(context, options.store);
  await using reader = await openStoreReader(configuration.database).catch(sayWhose);
  const overview = await replicationOverview(reader, { limit: LIMIT });
  showReplication(screen, title, overview, nameOf);
  const refused = overview.refused.map((each) => ({ ...each, party: partyOf(each.key)?.name }));
  screen.result({ peers: withIsoTimes(overview.peers), refused: withIsoTimes(refused) });
}

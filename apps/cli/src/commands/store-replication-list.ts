import { type CommandDefinition, group } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { withIsoTimes } from "../support/iso-times.ts";
import { shorten } from "../terminal/format.ts";

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
  screen.heading(`What ${title} sends to others`);
  screen.table(
    ["store", "state", "waiting", "set aside", "why"],
    overview.peers.map(({ url, state, waiting, setAside, reason }) => [
      url,
      state,
      String(waiting),
      String(setAside),
      reason ?? "",
    ]),
  );
  if (overview.refused.length > 0) {
    screen.heading("Refused");
    screen.table(
      ["object", "for", "attempts", "", "why"],
      overview.refused.map(({ hash, objectUuid, key, attempts, setAside, reason }) => [
        hash ?? objectUuid,
        nameOf(key) ?? shorten(key, 16),
        String(attempts),
        setAside ? "set aside" : "will be tried again",
        reason,
      ]),
    );
  }
  const refused = overview.refused.map((each) => ({ ...each, party: partyOf(each.key)?.name }));
  screen.result({ peers: withIsoTimes(overview.peers), refused: withIsoTimes(refused) });
}

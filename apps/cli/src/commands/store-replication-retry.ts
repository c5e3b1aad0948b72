import type { StoreConfiguration } from "@p8e/object-store/inspection";
import { type CommandDefinition, group } from "../command.ts";
import type { CommandContext } from "../command-context.ts";

/** `p8e store replication retry`. */
export const storeReplicationRetry: CommandDefinition = {
  register(program, action) {
    group(group(program, "store"), "replication")
      .command("retry [hash]")
      .description("try again what waits or was set aside: all of it, one object, or one store")
      .option("--to <url>", "only what is for the store at this URL")
      .option("--store <party>", "whose store; one's own by one's own profile; or the one that the DB_ variables name")
      .action(action(run));
  },
};

async function run(
  context: CommandContext,
  hashText: string | undefined,
  { to, store }: { readonly to?: string; readonly store?: string },
): Promise<void> {
  const [{ retryReplication }, { storeOf }] = await Promise.all([
    import("@p8e/object-store/inspection"),
    import("../support/store-of.ts"),
  ]);
  const { configuration, sayWhose } = await storeOf(context, store);
  const hash =
    hashText === undefined ? undefined : await hashAt(context, configuration.database, hashText).catch(sayWhose);
  const deliveries = await retryReplication(configuration.database, { hash, url: to }).catch(sayWhose);
  context.screen.say(deliveries === 1 ? "one delivery is tried again" : `${deliveries} deliveries are tried again`);
  context.screen.result({ deliveries });
}

async function hashAt(context: CommandContext, database: StoreConfiguration["database"], text: string) {
  const [{ openStoreReader }, { hashInStore }, { lastNamedOr }] = await Promise.all([
    import("@p8e/object-store/inspection"),
    import("../support/hash-named.ts"),
    import("../support/last-named.ts"),
  ]);
  await using reader = await openStoreReader(database);
  return await hashInStore(reader, await lastNamedOr(context, text, "hash"));
}

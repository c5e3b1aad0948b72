import { type CommandDefinition, group } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { isoTime, withIsoTimes } from "../support/iso-times.ts";

/** `p8e store repair`. */
export const storeRepair: CommandDefinition = {
  register(program, action) {
    group(program, "store")
      .command("repair")
      .description(
        "what is damaged or missing in a store; while it serves, it asks the stores of the readers for it at once",
      )
      .option("--store <party>", "whose store; one's own by one's own profile; or the one that the DB_ variables name")
      .action(action(run));
  },
};

const LIMIT = 100;

async function run(context: CommandContext, options: { readonly store?: string }): Promise<number> {
  const { screen } = context;
  const [{ openStoreReader, repairNow, storedHealth }, { storeOf }] = await Promise.all([
    import("@p8e/object-store/inspection"),
    import("../support/store-of.ts"),
  ]);
  const { configuration, title, sayWhose } = await storeOf(context, options.store);
  await using reader = await openStoreReader(configuration.database).catch(sayWhose);
  const { missing, damaged, objects } = await storedHealth(reader, { limit: LIMIT });
  const count = missing + damaged;
  if (count === 0) {
    screen.say(`${screen.style("green", "✔")} nothing that ${title} keeps was found damaged or missing`);
    screen.result({ missing, damaged, objects: withIsoTimes(objects), asked: 0 });
    return 0;
  }
  const asked = await repairNow(configuration.database).catch(sayWhose);
  screen.heading(`Damaged or missing in ${title}`);
  screen.table(
    ["object", "", "since", "why", "asked for", "with what result"],
    objects.map(({ hash, uuid, kind, foundAt, reason, repairAttempts, repairFailure }) => [
      hash ?? uuid,
      kind,
      isoTime(foundAt),
      reason,
      repairAttempts === 1 ? "once" : `${repairAttempts} times`,
      repairFailure ?? "",
    ]),
  );
  screen.note(
    "A store that serves asks the stores of the other readers for them now. What none of them has comes back when " +
      "somebody who has the content puts it again for the same readers: p8e put.",
  );
  screen.result({ missing, damaged, objects: withIsoTimes(objects), asked });
  return 1;
}

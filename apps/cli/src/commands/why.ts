import type { CommandDefinition } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { showWhy } from "../screens/show-why.ts";
import { withIsoTimes } from "../support/iso-times.ts";

/** `p8e why`. */
export const why: CommandDefinition = {
  register(program, action) {
    program
      .command("why <hash>")
      .description("where an object went, where it did not go, and why")
      .option(
        "--store <party>",
        "whose store; one's own by one's own profile; or the database that the DB_ variables name",
      )
      .action(action(run));
  },
};

async function run(context: CommandContext, hashText: string, options: { readonly store?: string }): Promise<void> {
  const { screen } = context;
  const { lookIntoStore } = await import("../support/look-into-store.ts");
  const { nameOf, partyOf, title, objects } = await lookIntoStore(context, hashText, options.store);
  showWhy(screen, { title, objects, nameOf });
  const shown = objects.map(({ uuid, hash, readers }) => ({
    ...{ uuid, hash },
    readers: readers.map(({ key, replication }) => ({ key, party: partyOf(key)?.name, ...replication })),
  }));
  screen.result({ objects: withIsoTimes(shown) });
}

import type { InspectedObject } from "@p8e/object-store/inspection";
import type { CommandDefinition } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { showInspected } from "../screens/show-inspected.ts";
import { withIsoTimes } from "../support/iso-times.ts";

/** `p8e inspect`. */
export const inspect: CommandDefinition = {
  register(program, action) {
    program
      .command("inspect <hash>")
      .description("what a store holds under a hash: who can read it since when, sizes, where its copies lie")
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
  const [first] = objects;
  const readers = readersOf(objects);
  showInspected(screen, { title, objects, readers, nameOf });
  const named = <T extends { readonly key: string }>(each: T) => ({ ...each, party: partyOf(each.key)?.name });
  screen.result({
    hash: first.hash,
    readers: withIsoTimes(readers.map(named)),
    objects: withIsoTimes(objects.map((object) => ({ ...object, readers: object.readers.map(named) }))),
  });
}

/** Everybody who can read one of the copies, since the first of them was stored. */
function readersOf(objects: readonly InspectedObject[]): readonly { readonly key: string; readonly since: number }[] {
  const since = new Map<string, number>();
  for (const { readers, createdAt } of objects) {
    for (const { key } of readers) since.set(key, Math.min(since.get(key) ?? createdAt, createdAt));
  }
  return [...since].map(([key, first]) => ({ key, since: first })).toSorted((one, other) => one.since - other.since);
}

import type { InspectedObject } from "@p8e/object-store/inspection";
import type { CommandDefinition } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { isoTime, withIsoTimes } from "../support/iso-times.ts";
import { formatSize, shorten } from "../terminal/format.ts";

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
  screen.heading(`${first.hash} in ${title}`);
  screen.facts([
    ["stored", isoTime(first.createdAt)],
    ["plaintext", formatSize(first.contentLength)],
    ["copies", objects.length === 1 ? undefined : `${objects.length}, one for each group of readers`],
  ]);
  screen.table(
    ["can read", "since"],
    readers.map(({ key, since }) => [nameOf(key) ?? shorten(key, 24), isoTime(since)]),
  );
  for (const [at, object] of objects.entries()) {
    screen.heading(objects.length === 1 ? "As it is stored" : `Copy ${at + 1} of ${objects.length}`);
    screen.facts(factsOf(object));
    screen.table(
      ["for", "mail", "replication"],
      object.readers.map(({ key, mail, replication }) => [
        nameOf(key) ?? shorten(key, 24),
        mail === undefined ? "" : `${mail.type}${mail.acknowledgedAt === undefined ? ", unread" : ", acknowledged"}`,
        replication.status,
      ]),
    );
  }
  screen.note("The store knows these keys and sizes; it cannot decrypt the content.");
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

function factsOf(object: InspectedObject): (readonly [string, string | undefined])[] {
  const { damage, place } = object;
  return [
    ["object", object.uuid],
    ["stored", isoTime(object.createdAt)],
    ["as stored", `${formatSize(object.storedLength)}, encrypted`],
    ["lies in", place.kind === "storage" ? `${place.directory}/${place.name}` : "the database"],
    ["came from", object.replica ? "another store" : "a client of this store"],
    ...(damage === undefined ? [] : [[damage.kind, `since ${isoTime(damage.foundAt)}: ${damage.reason}`] as const]),
    ["checksums", object.checked ? "kept, and checked on every read" : "none: another server stored it"],
  ];
}

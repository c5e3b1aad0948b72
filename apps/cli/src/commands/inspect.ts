import type { CommandDefinition } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { formatSize, shorten } from "../terminal/format.ts";

/** `p8e inspect`. */
export const inspect: CommandDefinition = {
  register(program, action) {
    program
      .command("inspect <hash>")
      .description("what a store holds under a hash: sizes, owner, audience, where it lies")
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
  const { nameOf, title, objects } = await lookIntoStore(context, hashText, options.store);
  for (const object of objects) {
    screen.heading(`${object.hash} in ${title}`);
    screen.facts([
      ["object", object.uuid],
      ["stored", new Date(object.createdAt).toISOString()],
      ["plaintext", formatSize(object.contentLength)],
      ["as stored", `${formatSize(object.storedLength)}, encrypted`],
      ["lies in", object.place.kind === "storage" ? `${object.place.directory}/${object.place.name}` : "the database"],
      ["came from", object.replica ? "another store" : "a client of this store"],
      ...(object.damage === undefined
        ? []
        : [
            [
              object.damage.kind,
              `since ${new Date(object.damage.foundAt).toISOString()}: ${object.damage.reason}`,
            ] as const,
          ]),
      ["checksums", object.checked ? "kept, and checked on every read" : "none: another server stored it"],
    ]);
    screen.table(
      ["can read", "mail", "replication"],
      object.readers.map(({ key, mail, replication }) => [
        nameOf(key) ?? shorten(key, 24),
        mail === undefined ? "" : `${mail.type}${mail.acknowledgedAt === undefined ? ", unread" : ", acknowledged"}`,
        replication.status,
      ]),
    );
  }
  screen.note("The store knows these keys and sizes; it cannot decrypt the content.");
  screen.result({ objects });
}

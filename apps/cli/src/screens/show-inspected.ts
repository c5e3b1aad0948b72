import type { InspectedObject } from "@p8e/object-store/inspection";
import { isoTime } from "../support/iso-times.ts";
import { formatSize, shorten } from "../terminal/format.ts";
import type { Screen } from "../terminal/screen.ts";

/** What a store holds under a hash. */
export interface InspectedView {
  /** Whose store. */
  readonly title: string;
  readonly objects: readonly [InspectedObject, ...InspectedObject[]];
  readonly readers: readonly { readonly key: string; readonly since: number }[];
  readonly nameOf: (key: string) => string | undefined;
}

/** `p8e inspect`. */
export function showInspected(screen: Screen, { title, objects, readers, nameOf }: InspectedView): void {
  const [first] = objects;
  const named = (key: string) => nameOf(key) ?? shorten(key, 24);
  screen.heading(`${first.hash} in ${title}`);
  screen.facts([
    ["stored", isoTime(first.createdAt)],
    ["plaintext", formatSize(first.contentLength)],
    ["copies", objects.length === 1 ? undefined : `${objects.length}, one for each group of readers`],
  ]);
  screen.table(
    ["can read", "since"],
    readers.map(({ key, since }) => [named(key), isoTime(since)]),
  );
  for (const [at, object] of objects.entries()) {
    screen.heading(objects.length === 1 ? "As it is stored" : `Copy ${at + 1} of ${objects.length}`);
    screen.facts(factsOf(object));
    screen.table(
      ["for", "mail", "replication"],
      object.readers.map(({ key, mail, replication }) => [
        named(key),
        mail === undefined ? "" : `${mail.type}${mail.acknowledgedAt === undefined ? ", unread" : ", acknowledged"}`,
        replication.status,
      ]),
    );
  }
  screen.note("The store knows these keys and sizes; it cannot decrypt the content.");
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

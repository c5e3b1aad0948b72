import { isoTime } from "../support/iso-times.ts";
import { safeFileName } from "../support/safe-file-name.ts";
import { formatSize } from "../terminal/format.ts";
import type { Screen } from "../terminal/screen.ts";

/** A page of what a store holds for a party. */
export interface ObjectsView {
  /** Whose store, and for whom. */
  readonly title: string;
  readonly reader: string;
  /** Whether pages came before. */
  readonly goesOn: boolean;
  readonly objects: readonly {
    readonly name: string | undefined;
    readonly from: string;
    readonly createdAt: number;
    readonly contentLength: bigint;
    readonly hash: string;
  }[];
  /** The command for the next page, if there is one. */
  readonly next: string | undefined;
}

/** `p8e ls`. */
export function showObjects(screen: Screen, { title, reader, goesOn, objects, next }: ObjectsView): void {
  if (objects.length === 0) {
    screen.say(`${title} holds nothing${goesOn ? " more" : ""} for ${reader}.`);
    return;
  }
  screen.table(
    ["name", "from", "stored", "size", "hash"],
    objects.map(({ name, from, createdAt, contentLength, hash }) => [
      name === undefined ? "" : (safeFileName(name) ?? ""),
      ...[from, isoTime(createdAt), formatSize(contentLength), hash],
    ]),
  );
  screen.note("Who it is from is what the store says; p8e get and p8e verify check it.");
  if (next !== undefined) screen.command(next);
}

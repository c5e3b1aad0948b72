import { shorten } from "../terminal/format.ts";
import type { Screen } from "../terminal/screen.ts";
import type { InspectedView } from "./show-inspected.ts";

/** `p8e why`. */
export function showWhy(screen: Screen, { title, objects, nameOf }: Omit<InspectedView, "readers">): void {
  for (const object of objects) {
    screen.heading(`Where ${shorten(object.hash, 20)} went from ${title}`);
    screen.table(
      ["for", "state", "at", "why"],
      object.readers.map(({ key, replication }) => [
        nameOf(key) ?? shorten(key, 16),
        replication.status,
        replication.url ?? "",
        replication.reason,
      ]),
    );
  }
}

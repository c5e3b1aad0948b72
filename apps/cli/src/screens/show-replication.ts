import type { ReplicationOverview } from "@p8e/object-store";
import { shorten } from "../terminal/format.ts";
import type { Screen } from "../terminal/screen.ts";

/** `p8e store replication list`. */
export function showReplication(
  screen: Screen,
  title: string,
  { peers, refused }: ReplicationOverview,
  nameOf: (key: string) => string | undefined,
): void {
  screen.heading(`What ${title} sends to others`);
  screen.table(
    ["store", "state", "waiting", "set aside", "why"],
    peers.map(({ url, state, waiting, setAside, reason }) => [
      url,
      state,
      String(waiting),
      String(setAside),
      reason ?? "",
    ]),
  );
  if (refused.length === 0) return;
  screen.heading("Refused");
  screen.table(
    ["object", "for", "attempts", "", "why"],
    refused.map(({ hash, objectUuid, key, attempts, setAside, reason }) => [
      hash ?? objectUuid,
      nameOf(key) ?? shorten(key, 16),
      String(attempts),
      setAside ? "set aside" : "will be tried again",
      reason,
    ]),
  );
}

import type { QuarantinedMail } from "@p8e/sdk";
import { isoTime } from "../support/iso-times.ts";
import type { Screen } from "../terminal/screen.ts";
import type { Named } from "./named.ts";

/** `p8e mail set-aside`. */
export function showSetAside(
  screen: Screen,
  letters: readonly Pick<QuarantinedMail, "atMs" | "sender" | "reason" | "message">[],
  named: Named,
): void {
  if (letters.length === 0) {
    screen.say("No mail was set aside.");
    return;
  }
  screen.table(
    ["when", "from", "why", ""],
    letters.map(({ atMs, sender, reason, message }) => [
      isoTime(atMs),
      sender === undefined ? "nobody can say" : named(sender),
      reasons[reason],
      message,
    ]),
  );
  screen.note("Who sent it is what the mail says; what was not opened proves nothing.");
}

const reasons = { stranger: "from a stranger", unusable: "unusable", gave_up: "given up" } as const;

import type { Approval } from "@p8e/sdk";
import { isoTime } from "../support/iso-times.ts";
import type { Screen } from "../terminal/screen.ts";
import type { Named } from "./named.ts";

/** `p8e inbox`: what waits for a signature here, and how many own sessions wait for others. */
export function showInbox(
  screen: Screen,
  waiting: readonly Pick<Approval, "uuid" | "invoker" | "contract" | "deadlineMs">[],
  unanswered: number,
  named: Named,
): void {
  if (waiting.length === 0) screen.say("Nothing waits for your signature.");
  else {
    screen.table(
      ["session", "asked by", "contract", "until"],
      waiting.map(({ uuid, invoker, contract, deadlineMs }) => [uuid, named(invoker), contract, isoTime(deadlineMs)]),
    );
  }
  if (unanswered === 0) return;
  const one = unanswered === 1;
  screen.say(
    `${one ? "One session" : `${unanswered} sessions`} of yours ${one ? "waits" : "wait"} for others: npx p8e session list shows which.`,
  );
}

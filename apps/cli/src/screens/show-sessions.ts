import type { Agreement, Approval } from "@p8e/sdk";
import { isoTime } from "../support/iso-times.ts";
import type { Screen } from "../terminal/screen.ts";
import type { Named } from "./named.ts";

/** Whether a session of another party waits for this one's word. */
export function waitsForYou({ state }: Pick<Approval, "state">): boolean {
  return state === "received" || state === "inspected";
}

/** `p8e session list`. */
export function showSessions(
  screen: Screen,
  approvals: readonly Pick<Approval, "uuid" | "state" | "invoker" | "deadlineMs">[],
  agreements: readonly Pick<Agreement, "uuid" | "state" | "signers" | "deadlineMs">[],
  named: Named,
): void {
  screen.table(
    ["session", "state", "asked by", "who signs", "until"],
    [
      ...approvals.map(({ uuid, state, invoker, deadlineMs }) => [
        ...[uuid, waitsForYou({ state }) ? `${state}: waits for you` : state, named(invoker), "you"],
        isoTime(deadlineMs),
      ]),
      ...agreements.map(({ uuid, state, signers, deadlineMs }) => [
        ...[uuid, state, "you"],
        signers.map(({ address, stand }) => `${named(address)} (${stand})`).join(", "),
        isoTime(deadlineMs),
      ]),
    ],
  );
}

import type { JvmRequest, JvmRequestView, Transition } from "@p8e/sdk";
import { isoTime } from "../support/iso-times.ts";
import type { Screen } from "../terminal/screen.ts";
import { type Named, partiesInRoles } from "./named.ts";

/** A session that a party of the JVM's SDK asks for, and what happened to it. */
export function showJvmRequest(
  screen: Screen,
  { uuid, state, invoker, reason }: JvmRequest,
  view: JvmRequestView,
  steps: readonly Pick<Transition, "atMs" | "to" | "actor" | "cause">[],
  named: Named,
): void {
  screen.heading(`Session ${uuid}`);
  screen.facts([
    ["state", state],
    ["asked by", `${named(invoker)}, by the JVM's SDK`],
    ["contract", `${view.contract}, whose code does not run here: it can be rejected, and not signed`],
    ["scope", `${view.scopeUuid}${view.newScope ? ", which is new" : ""}`],
    ["parties", partiesInRoles(view.participants, named).join("\n")],
    ["readers", view.dataAccess.map(named).join("\n") || undefined],
    ["reason", reason],
  ]);
  if (view.inputs.length > 0) {
    screen.table(
      ["input", "type", "hash"],
      view.inputs.map(({ name, className, hash }) => [name, className, hash]),
    );
  }
  screen.table(
    ["at", "became", "by", "because"],
    steps.map(({ atMs, to, actor, cause }) => [isoTime(atMs), to, named(actor), cause]),
  );
}

/** Those that wait, in an inbox. */
export function showJvmRequests(screen: Screen, waiting: readonly JvmRequest[], named: Named): void {
  for (const { uuid, invoker } of waiting) {
    screen.say(
      `${named(invoker)} asks, by the JVM's SDK, for what cannot be signed here: ${uuid} (session show, session reject)`,
    );
  }
}

import type { Transition } from "@p8e/sdk";
import { isoTime } from "../support/iso-times.ts";
import type { Screen } from "../terminal/screen.ts";
import { type Named, partiesInRoles } from "./named.ts";

/** A session that several parties sign, as one of them remembers it. */
export interface KnownSession {
  readonly uuid: string;
  readonly state: string;
  /** Undefined for an own one. */
  readonly invoker: string | undefined;
  readonly contract: string;
  readonly scope: string;
  /** Who takes which role. */
  readonly participants: readonly { readonly address: string; readonly role: string }[];
  readonly deadlineMs: number;
  readonly reason?: string | undefined;
  /** Of an own one: who was asked, and how each stands. */
  readonly signers: readonly { readonly address: string; readonly stand: string }[];
  readonly steps: readonly Pick<Transition, "atMs" | "to" | "actor" | "cause">[];
}

/** `p8e session show`, without the request that waits. */
export function showSession(screen: Screen, session: KnownSession, named: Named): void {
  const { uuid, state, invoker, contract, scope, participants, deadlineMs, reason, signers, steps } = session;
  screen.heading(`Session ${uuid}`);
  screen.facts([
    ["state", state],
    ["asked by", invoker === undefined ? "you" : named(invoker)],
    ["contract", contract],
    ["scope", scope],
    ["parties", partiesInRoles(participants, named).join("\n")],
    ["until", isoTime(deadlineMs)],
    ["reason", reason],
    ...signers.map(({ address, stand }): [string, string] => [named(address), stand]),
  ]);
  screen.table(
    ["at", "became", "by", "because"],
    steps.map(({ atMs, to, actor, cause }) => [isoTime(atMs), to, named(actor), cause]),
  );
}

import { P8eError } from "@p8e/core";
import type { NewExecution } from "../state/state-store.ts";
import type { ExecutedSession, PricedSession } from "./session.ts";

/** Nobody else needs to sign. @throws `session.invalid` */
export function requireAlone({ others }: ExecutedSession): void {
  if (others.length === 0) return;
  throw new P8eError("session.invalid", "this session needs the signatures of other parties before it can be written", {
    facts: { others: others.map((each) => each.address) },
    hint: "Ask them: agreements.request.",
  });
}

/** What is remembered of a session that has run. */
export function newExecution({
  executed,
  cost,
  feeGranter,
}: Pick<PricedSession, "executed" | "cost" | "feeGranter">): NewExecution {
  const { prepared, evidence } = executed;
  const { packaged, contract, executionUuid } = prepared;
  const { scope, sessionUuid } = packaged.request;
  const of = { uuid: executionUuid, scopeUuid: scope.uuid, sessionUuid, contract: contract.manifest.className };
  return { ...of, envelope: evidence.bytes, price: cost.amounts, feeGranter };
}

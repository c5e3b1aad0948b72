import type { TransactionCost } from "@p8e/chain";
import type { ExecutedSession, MemorializedSession, PricedSession, PublicationPlan, PublicationResult } from "@p8e/sdk";

/** What one function of a contract came to. */
export interface FunctionView {
  readonly function: string;
  readonly outcome: string;
  readonly record: string;
  /** Of the record's object; absent when the function was passed over. */
  readonly hash?: string;
  /** What the sandbox metered. */
  readonly fuel?: unknown;
}

/** What the functions of an executed session came to, in their order. */
export function functionViews({ results }: Pick<ExecutedSession, "results">): readonly FunctionView[] {
  return results.map((result) => ({
    ...{ function: result.function, outcome: result.outcome, record: result.record },
    ...(result.outcome === "PASS" ? { hash: result.hash, fuel: result.fuel } : {}),
  }));
}

/** A session that was run and priced, and nothing more. */
export function dryRunView(priced: PricedSession, executed: Pick<ExecutedSession, "results">) {
  return { dryRun: true, records: functionViews(executed), fee: priced.cost.fee };
}

/** A session that is on the ledger, how that is known, and what an attempt cost that ran out of gas before. */
export function memorializedView(
  { scope, session, receipt }: MemorializedSession,
  executed: Pick<ExecutedSession, "results">,
) {
  const { hash: transaction, height, fee, confirmation, outOfGas } = receipt;
  return {
    ...{ scope, session, transaction, height, fee, confirmation },
    ...(outOfGas === undefined ? {} : { outOfGas: { transaction: outOfGas.hash, fee: outOfGas.fee } }),
    records: functionViews(executed),
  };
}

/** What a publication would write, and in nhash what that would cost: all of it, and each of its transactions. */
export function publicationPlanView(plan: PublicationPlan, costs: readonly Pick<TransactionCost, "fee">[]) {
  const fees = costs.map(({ fee }) => fee);
  return {
    contract: plan.contract,
    scopes: plan.scopes,
    steps: plan.steps.map((step) => step.what),
    fee: fees.reduce((sum, fee) => sum + fee, 0n),
    fees,
  };
}

/** What a publication wrote: no transaction when all of it stood there before. */
export function publicationView(plan: PublicationPlan, result: PublicationResult) {
  return {
    contract: plan.contract,
    className: plan.className,
    scopes: plan.scopes,
    objects: Object.fromEntries(plan.objects.map((object) => [object.kind, object.hash])),
    transactions: result.receipts.map((receipt) => receipt.hash),
    fee: result.fee,
  };
}

import { after, before, describe, it } from "node:test";
import { admissionCases } from "./cases/admission-cases.ts";
import { queryCases } from "./cases/query-cases.ts";
import { recordCases } from "./cases/record-cases.ts";
import { scopeCases } from "./cases/scope-cases.ts";
import { sessionCases } from "./cases/session-cases.ts";
import { specificationCases } from "./cases/specification-cases.ts";
import { valueOwnerCases } from "./cases/value-owner-cases.ts";
import { type ConformanceCase, Stage } from "./conformance-case.ts";
import { type LedgerUnderTest, World } from "./world.ts";

/** Every case there is, by its number in the plan. */
export const ledgerConformanceCases: readonly ConformanceCase[] = [
  ...specificationCases,
  ...scopeCases,
  ...valueOwnerCases,
  ...sessionCases,
  ...recordCases,
  ...queryCases,
  ...admissionCases,
].sort((left, right) => left.number - right.number);

/** How many cases the plan has; the ones without code are listed with reasons in {@link uncoveredCases}. */
export const PLANNED_CASES = 78;

/** Numbers of planned cases that the suite does not run, each with the reason. */
export const uncoveredCases: Readonly<Record<number, string>> = {};

/**
 * Registers the suite with node:test. It knows nothing of the ledger but its endpoint, so that it runs unchanged
 * against the embedded one and a real node (flat fees, transaction index on).
 */
export function ledgerConformance(name: string, open: () => Promise<LedgerUnderTest & AsyncDisposable>): void {
  describe(`ledger conformance: ${name}`, () => {
    let target: (LedgerUnderTest & AsyncDisposable) | undefined;
    let world: World | undefined;
    let stage: Stage | undefined;

    before(async () => {
      target = await open();
      world = new World(target);
      stage = await Stage.set(world);
    });

    after(async () => {
      world?.[Symbol.dispose]();
      await target?.[Symbol.asyncDispose]();
    });

    for (const { number, title, run } of ledgerConformanceCases) {
      it(`${number}: ${title}`, async () => {
        if (stage === undefined) throw new Error("the stage could not be set");
        await run(stage);
      });
    }
  });
}

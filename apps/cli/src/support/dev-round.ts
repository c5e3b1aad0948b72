import { access, constants } from "node:fs/promises";
import { relative } from "node:path";
import process from "node:process";
import { buildContract } from "@p8e/contract";
import { P8eError } from "@p8e/core";
import type { Sandbox } from "@p8e/engine";
import type { Publisher } from "@p8e/sdk";
import { formatSize } from "../terminal/format.ts";
import type { Screen } from "../terminal/screen.ts";
import { fixtureFilesOf } from "./fixtures-of.ts";
import { freshScopeSpecificationsOf } from "./fresh-scope-specifications.ts";
import { runTests, testsOf } from "./run-tests.ts";
import { tryStep } from "./try-step.ts";

/** What a save is worked on with. */
export interface DevRound {
  readonly screen: Screen;
  readonly publisher: Publisher;
  /** Kept from round to round, warm. */
  readonly sandbox: Sandbox;
  /** The contract's file, absolute. */
  readonly entry: string;
  /** Names that it may use although the sandbox lacks them. */
  readonly allow: readonly string[];
  readonly withTests: boolean;
  /**
   * Told the files whose next save matters, as soon as they are known: what the contract is made of, its fixtures and its
   * tests.
   */
  readonly onFiles: (files: readonly string[]) => void;
  readonly signal: AbortSignal;
}

/** What came of a save. */
export interface DevResult {
  readonly published: { readonly className: string; readonly contract: string; readonly messages: number };
}

/**
 * Builds and checks a contract, tries its functions, runs its tests, and publishes what changed.
 * @throws `contract.…`, `input.…` for a fixture, `process.failed` when a test fails, what store and ledger throw; `rpc.cancelled`
 */
export async function devRound({
  screen,
  publisher,
  sandbox,
  entry,
  allow,
  withTests,
  onFiles,
  signal,
}: DevRound): Promise<DevResult> {
  const shown = relative(process.cwd(), entry);
  await access(entry, constants.R_OK).catch((cause: unknown) => {
    throw new P8eError("input.invalid", "the file cannot be read", { cause, facts: { file: shown } });
  });
  const built = await screen.step(
    `building ${shown}`,
    () => buildContract({ entry, describe: sandbox.describe, names: { allow }, signal }),
    ({ manifest }) =>
      `${manifest.className}: ${formatSize(manifest.bundle.sizeBytes)}, no rule for contracts is broken`,
  );
  const tests = withTests ? await testsOf(entry) : [];
  onFiles([...new Set([entry, ...built.sources, ...(await fixtureFilesOf(entry, built)), ...tests])]);
  for (const { where, message } of built.sourceWarnings) screen.warn(`${where} ${message}`);
  const trial = await tryStep({ screen, sandbox, signal }, entry, built, allow);
  for (const { where, message } of trial.warnings) screen.warn(`${where} ${message}`);
  const files = tests.length === 1 ? "1 file" : `${tests.length} files`;
  if (tests.length > 0) {
    await screen.step(
      `running its tests`,
      () => runTests(tests, signal),
      () => `its tests hold (${files})`,
    );
  }
  const scopes = await freshScopeSpecificationsOf(entry, signal);
  const plan = await publisher.plan({ built, scopes, audience: [] }, { signal });
  for (const difference of plan.differences) screen.warn(`${difference}; publishing leaves it as it is`);
  const comparison = await publisher.compare({ built, scopes }, { signal });
  if (comparison.breaks && plan.steps.length > 0) {
    for (const change of comparison.changes) {
      const broken = [...change.scopes, ...change.contracts.map(({ className }) => className)];
      if (broken.length > 0)
        screen.warn(`${change.what} ${change.says}, which breaks ${broken.length} of what is live`);
    }
    screen.warn("it is published all the same, for the money here is test money; contract publish would refuse it");
  }
  await screen.step(
    `publishing ${plan.className}`,
    () => publisher.publish(plan, { signal }),
    ({ receipts }) =>
      receipts.length === 0
        ? "it is on the ledger as it is here"
        : `published as ${plan.contract}: ${plan.steps.length} messages`,
  );
  // What was allowed before is not allowed anew, and sessions find the version that was allowed last.
  const found = plan.steps.length > 0 ? plan.contract : comparison.published;
  if (found !== undefined && found !== plan.contract) {
    screen.warn(
      `sessions find another version by this name, which was published later: ${found}. ` +
        `This one is chosen by its address: p8e contract execute ${plan.contract}`,
    );
  }
  return {
    published: { className: plan.className, contract: plan.contract, messages: plan.steps.length },
  };
}

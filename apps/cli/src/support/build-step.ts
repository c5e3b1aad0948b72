import { access, constants } from "node:fs/promises";
import { type BuiltContract, buildContract } from "@p8e/contract";
import { P8eError } from "@p8e/core";
import { openSandbox, type TrialReport } from "@p8e/engine";
import { formatSize } from "../terminal/format.ts";
import type { Screen } from "../terminal/screen.ts";

/** Which commands let pass a name that the sandbox lacks. */
export interface NamesOption {
  readonly allow: readonly string[];
}

/**
 * Builds a contract in front of the person's eyes. With `names` it is held to the names that the sandbox has, and its
 * functions are tried.
 * @throws `input.invalid`, `contract.…`, `rpc.cancelled`
 */
export async function buildStep(
  screen: Screen,
  file: string,
  signal: AbortSignal,
  names?: NamesOption,
): Promise<BuiltContract & { readonly trial: TrialReport | undefined }> {
  await access(file, constants.R_OK).catch((cause: unknown) => {
    throw new P8eError("input.invalid", "the file cannot be read", { cause, facts: { file } });
  });
  await using sandbox = openSandbox();
  const built = await screen.step(
    `building ${file}`,
    () => buildContract({ entry: file, describe: sandbox.describe, names, signal }),
    ({ manifest }) => `${manifest.className}: ${formatSize(manifest.bundle.sizeBytes)}, the same bytes every time`,
  );
  if (names === undefined) return { ...built, trial: undefined };
  const { tryStep } = await import("./try-step.ts");
  return { ...built, trial: await tryStep({ screen, sandbox, signal }, file, built, names.allow) };
}

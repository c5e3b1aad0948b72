import {
  bundleCorrupt,
  type ContractManifest,
  type ContractSpecification,
  type ContractTypes,
  contractSpecification,
  describedContract,
} from "@p8e/contract";
import { type ContentHash, hashContent } from "@p8e/core";
import type { DescribeOptions, Sandbox } from "../sandbox/sandbox.ts";

/** A bundle whose hash was checked, and what follows from it. Worth keeping: it is the same for every execution. */
export interface LoadedContract {
  readonly bundle: Uint8Array;
  readonly manifest: ContractManifest;
  readonly types: ContractTypes;
  /** Derived from the bundle, not read from anywhere: compare its hash with the one on the ledger. */
  readonly specification: ContractSpecification;
}

/** How a contract is loaded. */
export interface LoadOptions extends DescribeOptions {}

/**
 * Checks a bundle against the hash that names it, and only then runs it to learn what it is.
 *
 * @throws P8eError `contract.bundle_corrupt` with both hashes; `contract.invalid`; what {@link Sandbox.describe} throws
 */
export async function loadContract(
  sandbox: Sandbox,
  bundle: Uint8Array,
  expected: ContentHash,
  options: LoadOptions = {},
): Promise<LoadedContract> {
  const actual = hashContent(bundle);
  if (actual !== expected) throw bundleCorrupt(expected, actual);
  const { manifest, types } = await describedContract(bundle, await sandbox.describe(bundle, options), [], options);
  return { bundle, manifest, types, specification: contractSpecification(manifest) };
}

import { tmpdir } from "node:os";
import { dirname, resolve } from "node:path";
import { hashContent, P8eError, throwIfCancelled, utf8Encode } from "@p8e/core";
import { bundleHeaderLine } from "../domain/bundle-header.ts";
import { parseContractDescription } from "../domain/contract-description.ts";
import {
  type ContractManifest,
  type DescribedContract,
  describedContract,
  manifestText,
} from "../domain/contract-manifest.ts";
import { contractInvalid, type Fault } from "../domain/fault.ts";
import { bundleSource, shown } from "./bundle-source.ts";
import { lackingNames } from "./lacking-names.ts";
import { locatedFailure } from "./located-failure.ts";
import { bundleMap, sourcePlaces } from "./source-places.ts";

/** Runs a bundle in a sandbox and has it describe itself; `Sandbox.describe` of the engine. */
export type DescribeBundle = (
  bundle: Uint8Array,
  options?: { readonly signal?: AbortSignal | undefined },
) => Promise<string>;

/** What {@link buildContract} takes. */
export interface BuildContractOptions {
  /** The file that exports the contract as default. */
  readonly entry: string;
  readonly describe: DescribeBundle;
  /**
   * When given, a name that the bundle uses and neither it nor the sandbox has is a broken rule, unless it stands behind a
   * `typeof` guard or is allowed here. Otherwise such a contract fails when it gets there.
   */
  readonly names?: { readonly allow: readonly string[] } | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The two objects that stand for a contract in a store, and its manifest. */
export interface BuiltContract extends DescribedContract {
  readonly bundle: Uint8Array;
  /** The bundle's source map, which is not in it. Kept beside it, it tells where in the source a function failed. */
  readonly map: string;
  /** What only the source shows; what the bundle shows is in the manifest. */
  readonly sourceWarnings: readonly Fault[];
  /** The author's files that it was built of, absolute; packages that are installed are left out. */
  readonly sources: readonly string[];
}

/** The name in the header until the bundle has told its own. */
const UNNAMED = "p8e.Unnamed";

/**
 * Bundles a contract, twice and in two places, runs it in the sandbox to learn what it is, and checks it.
 *
 * @throws P8eError `contract.build_failed`, `contract.not_reproducible`, `contract.invalid` with all faults, what the
 *   sandbox throws for a contract that does not even load; `rpc.cancelled`, `process.failed` when the compiler breaks down
 */
export async function buildContract({ entry, describe, names, signal }: BuildContractOptions): Promise<BuiltContract> {
  const file = resolve(entry);
  const first = await bundleSource(file, dirname(file), signal);
  const second = await bundleSource(file, tmpdir(), signal);
  if (first.code !== second.code) {
    if (first.faults.length > 0) throw contractInvalid("the contract", first.faults);
    throw new P8eError("contract.not_reproducible", "two builds of the same source differ", {
      facts: { first: hashContent(utf8Encode(first.code)), second: hashContent(utf8Encode(second.code)) },
    });
  }
  const map = bundleMap(first.map, shown);
  const lacking = names && (await lackingNames(first.code, sourcePlaces(map), names.allow));
  const faults = [...first.faults, ...(lacking?.faults ?? [])];
  const unnamed = utf8Encode(bundleHeaderLine(UNNAMED) + first.code);
  const answer = await describe(unnamed, { signal }).catch((error: unknown) => {
    throwIfCancelled(signal);
    // What is wrong with the source is likely why it does not run.
    throw faults.length > 0 ? contractInvalid("the contract", faults) : locatedFailure(error, sourcePlaces(map));
  });
  const { className } = parseContractDescription(answer);
  // A name that no header can carry stays out; the check of names reports it.
  const heading = /^[A-Za-z0-9_.]{1,1000}$/.test(className) ? className : UNNAMED;
  const bundle = utf8Encode(bundleHeaderLine(heading) + first.code);
  const { manifest, types } = await describedContract(bundle, await describe(bundle, { signal }), faults, { signal });
  return {
    bundle,
    manifest,
    types,
    map,
    sourceWarnings: [...first.warnings, ...(lacking?.warnings ?? [])],
    sources: first.files,
  };
}

/**
 * Compares a manifest that came with a bundle with the one the bundle gives.
 *
 * @throws P8eError `contract.bundle_corrupt` if they differ, and as {@link describedContract}
 */
export async function verifyManifest(
  manifest: ContractManifest,
  bundle: Uint8Array,
  describe: DescribeBundle,
): Promise<DescribedContract> {
  const found = hashContent(bundle);
  if (found !== manifest.bundle.hash) throw bundleCorrupt(manifest.bundle.hash, found);
  const described = await describedContract(bundle, await describe(bundle));
  if (manifestText(described.manifest) !== manifestText(manifest)) {
    throw new P8eError("contract.bundle_corrupt", "the manifest is not the one of this bundle", {
      facts: { className: described.manifest.className, hash: found },
      hint: "Build the contract again.",
    });
  }
  return described;
}

/** The error `contract.bundle_corrupt` for bytes that do not have the hash they were asked for by. */
export function bundleCorrupt(expected: string, actual: string): P8eError {
  return new P8eError("contract.bundle_corrupt", "the bundle's bytes do not have the hash that names them", {
    facts: { expected, actual },
  });
}

import { type ContentHash, hasCode, hashContent, type Role } from "@p8e/core";
import type { JavaClassName } from "@p8e/proto/java-class-name";
import { parseBundleHeader } from "./bundle-header.ts";
import { checkContract } from "./check-contract.ts";
import { type ContractDescription, parseContractDescription } from "./contract-description.ts";
import { type ContractTypes, classNameOf, contractTypes } from "./contract-types.ts";
import { contractInvalid, type Fault } from "./fault.ts";
import { lintContract } from "./lint-contract.ts";

/** A message type by both of its names. */
export interface ManifestType {
  /** The full protobuf name. */
  readonly typeName: string;
  /** What ledger and records call it. */
  readonly className: JavaClassName;
}

/** A record that the contract reads; an optional one may be absent from the scope. */
export interface ManifestRecord extends ManifestType {
  readonly name: string;
  readonly optional: boolean;
}

/** A named value: an input, or the record that a function writes. */
export interface ManifestInput extends ManifestType {
  readonly name: string;
}

/** A function of the contract. */
export interface ManifestFunction {
  readonly name: string;
  readonly invokedBy: Role;
  readonly inputs: readonly ManifestInput[];
  /** Name and type of the record it writes. */
  readonly writes: ManifestInput;
  /** Records that the ledger lists as what the written one was made from. */
  readonly lineage: readonly string[];
  /** The function is skipped when this record is in the scope already. */
  readonly skipIfExists?: string;
}

/** A stored object: hash and size of its plaintext. */
export interface ManifestObject {
  readonly hash: ContentHash;
  readonly sizeBytes: number;
}

/**
 * Everything about a contract that a program needs in order to check, publish, compare or document it, as a JSON value.
 * It is derived from the bundle and from what the bundle says of itself, so it never has to be trusted: derive it again
 * and compare.
 */
export interface ContractManifest {
  readonly format: 1;
  readonly abi: number;
  readonly className: string;
  readonly scopes: readonly string[];
  readonly participants: readonly Role[];
  /** In the author's order. */
  readonly records: readonly ManifestRecord[];
  /** By name, in the order of UTF-16 code units: the order of execution, and of the specification. */
  readonly functions: readonly ManifestFunction[];
  readonly bundle: ManifestObject;
  readonly types: ManifestObject;
  readonly warnings: readonly Fault[];
}

/** A bundle, understood. */
export interface DescribedContract {
  readonly manifest: ContractManifest;
  readonly types: ContractTypes;
}

/**
 * @param answer what the bundle answered when asked to describe itself
 * @param found faults that are known already
 * @throws P8eError `contract.invalid` with all faults; `rpc.cancelled`
 */
export async function describedContract(
  bundle: Uint8Array,
  answer: string,
  found: readonly Fault[] = [],
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<DescribedContract> {
  const header = parseBundleHeader(bundle);
  const description = parseContractDescription(answer);
  const faults = [...found, ...checkContract(description)];
  if (header.className !== description.className) {
    const message = `is headed ${header.className}, but calls itself ${description.className.slice(0, 200)}`;
    faults.push({ rule: "header", where: "the bundle", message });
  }
  let types: ContractTypes | undefined;
  try {
    types = await contractTypes(description.files, options);
  } catch (error) {
    if (!hasCode(error, "contract.invalid")) throw error;
    faults.push({ rule: "types", where: "the contract", message: `has unusable types: ${(error as Error).message}` });
  }
  if (types === undefined || faults.length > 0) throw contractInvalid(description.className.slice(0, 200), faults);
  return { manifest: manifestOf(bundle, header.abi, description, types), types };
}

function manifestOf(
  bundle: Uint8Array,
  abi: number,
  description: ContractDescription,
  types: ContractTypes,
): ContractManifest {
  const type = (typeName: string): ManifestType => ({ typeName, className: classNameOf(types, typeName) });
  const functions = description.functions.map(
    (one): ManifestFunction => ({
      name: one.name,
      // Checked: a participant, and participants are roles.
      invokedBy: one.invokedBy as Role,
      inputs: one.inputs.map(({ name, typeName }) => ({ name, ...type(typeName) })),
      writes: { name: one.writes, ...type(one.typeName) },
      lineage: one.lineage,
      ...(one.skipIfExists === undefined ? {} : { skipIfExists: one.skipIfExists }),
    }),
  );
  return {
    format: 1,
    abi,
    className: description.className,
    scopes: description.scopes,
    participants: description.participants as readonly Role[],
    records: description.records.map(({ name, typeName, optional }) => ({ name, ...type(typeName), optional })),
    functions: functions.sort((one, other) => (one.name < other.name ? -1 : 1)),
    bundle: { hash: hashContent(bundle), sizeBytes: bundle.length },
    types: { hash: hashContent(types.bytes), sizeBytes: types.bytes.length },
    warnings: lintContract(description, types),
  };
}

/** Two manifests are equal when these texts are. */
export function manifestText(manifest: ContractManifest): string {
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}

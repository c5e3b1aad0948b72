import { create, toBinary } from "@bufbuild/protobuf";
import {
  type ContentHash,
  contentHashToBytes,
  hashContent,
  roles,
  SHA256_TRUNCATED_FORM,
  type Uuid,
  uuidFromBytes,
} from "@p8e/core";
import * as scope from "@p8e/proto/scope";
import type { ContractManifest, ManifestFunction } from "./contract-manifest.ts";

/** A contract's specification as the object that all parties store, and its identity. */
export interface ContractSpecification {
  readonly message: scope.ContractSpec;
  readonly bytes: Uint8Array;
  /** Half of the SHA-256 of `bytes`. */
  readonly hash: ContentHash;
  /** The same 16 bytes; no version or variant is put into it. */
  readonly uuid: Uuid;
}

/** The class under which records and contracts refer to a stored specification. */
export const CONTRACT_SPEC_CLASS = "io.provenance.scope.contract.proto.Specifications$ContractSpec";

/**
 * The mapping of p8e-scope-sdk (sdk: ContractSpecMapper), with the bundle in the place of the contract's jar, the types
 * in the place of the jar of protos, and functions ordered by name.
 */
export function contractSpecification(manifest: ContractManifest): ContractSpecification {
  const { DefinitionSpec_Type: kind } = scope;
  const message = create(scope.ContractSpecSchema, {
    definition: {
      name: simpleClassName(manifest.className),
      resourceLocation: location(manifest.bundle.hash, manifest.className),
      type: kind.FACT,
    },
    inputSpecs: manifest.records.map(({ name, className, optional }) => ({
      name,
      resourceLocation: location(manifest.types.hash, className),
      type: kind.FACT,
      optional,
    })),
    partiesInvolved: manifest.participants.map((role) => roles[role]),
    functionSpecs: manifest.functions.map((one) => ({
      funcName: one.name,
      inputSpecs: functionInputs(one, manifest).map(({ name, className, lineage }) => ({
        name,
        resourceLocation: location(manifest.types.hash, className),
        type: lineage ? kind.FACT : kind.PROPOSED,
      })),
      outputSpec: {
        spec: {
          name: one.writes.name,
          resourceLocation: location(manifest.types.hash, one.writes.className),
          type: kind.PROPOSED,
        },
      },
      invokerParty: roles[one.invokedBy],
    })),
  });
  const bytes = toBinary(scope.ContractSpecSchema, message);
  const hash = hashContent(bytes, SHA256_TRUNCATED_FORM);
  return { message, bytes, hash, uuid: uuidFromBytes(contentHashToBytes(hash)) };
}

/** What goes into a function: its inputs, then the records that are its lineage. */
export function functionInputs(
  one: ManifestFunction,
  manifest: ContractManifest,
): readonly { readonly name: string; readonly className: string; readonly lineage: boolean }[] {
  return [
    ...one.inputs.map(({ name, className }) => ({ name, className, lineage: false })),
    ...manifest.records
      .filter((record) => one.lineage.includes(record.name))
      .map(({ name, className }) => ({ name, className, lineage: true })),
  ];
}

/** What stands after the last dot: `RecordLoan` of `example.loan.RecordLoan`. */
export function simpleClassName(className: string): string {
  return className.slice(className.lastIndexOf(".") + 1);
}

function location(hash: ContentHash, classname: string) {
  return { ref: { hash }, classname };
}

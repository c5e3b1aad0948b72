import { createHash } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import {
  type AccountAddress,
  concatBytes,
  contractSpecificationAddress,
  metadataAddressToBytes,
  recordSpecificationAddress,
  roles,
  scopeSpecificationAddress,
  type Uuid,
  utf8Encode,
  uuidFromBytes,
  uuidToBytes,
} from "@p8e/core";
import * as metadata from "@p8e/proto/metadata";
import type { ScopeSpecification } from "../author/scope-specification.ts";
import type { ContractManifest } from "./contract-manifest.ts";
import { type ContractSpecification, functionInputs, simpleClassName } from "./contract-specification.ts";

/** UUIDv5 of the URL namespace and "p8e:scope-specification". */
const SCOPE_SPECIFICATION_NAMESPACE = "7d9c63be-6369-511b-ad45-30332c551c95" as Uuid;

/** UUIDv5 of publisher and name: a scope specification's uuid, unless the publisher's configuration sets another. */
export function scopeSpecificationUuid(publisher: AccountAddress, name: string): Uuid {
  return uuidV5(SCOPE_SPECIFICATION_NAMESPACE, `${publisher}:${name}`);
}

/** RFC 9562, section 5.5. */
export function uuidV5(namespace: Uuid, name: string): Uuid {
  const digest = createHash("sha1")
    .update(concatBytes(uuidToBytes(namespace), utf8Encode(name)))
    .digest();
  const bytes = new Uint8Array(digest.subarray(0, 16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return uuidFromBytes(bytes);
}

/** The ledger's scope specification. Contract specifications are linked to it by messages of their own. */
export function scopeSpecificationMessage(
  specification: ScopeSpecification,
  owner: AccountAddress,
  uuid: Uuid = scopeSpecificationUuid(owner, specification.name),
): metadata.ScopeSpecification {
  const { name, description, websiteUrl = "", iconUrl = "", parties } = specification;
  return create(metadata.ScopeSpecificationSchema, {
    specificationId: metadataAddressToBytes(scopeSpecificationAddress(uuid)),
    description: { name, description, websiteUrl, iconUrl },
    ownerAddresses: [owner],
    partiesInvolved: parties.map((role) => roles[role]),
  });
}

/** The ledger's contract specification: its hash leads to the stored {@link ContractSpecification}. */
export function contractSpecificationMessage(
  manifest: ContractManifest,
  specification: ContractSpecification,
  owner: AccountAddress,
): metadata.ContractSpecification {
  return create(metadata.ContractSpecificationSchema, {
    specificationId: metadataAddressToBytes(contractSpecificationAddress(specification.uuid)),
    description: { name: simpleClassName(manifest.className), description: manifest.className },
    ownerAddresses: [owner],
    partiesInvolved: manifest.participants.map((role) => roles[role]),
    source: { case: "hash", value: specification.hash },
    className: manifest.className,
  });
}

/** One record specification for each function. The hash of an input is where its type is described. */
export function recordSpecificationMessages(
  manifest: ContractManifest,
  specification: ContractSpecification,
): readonly metadata.RecordSpecification[] {
  return manifest.functions.map((one) =>
    create(metadata.RecordSpecificationSchema, {
      specificationId: metadataAddressToBytes(recordSpecificationAddress(specification.uuid, one.writes.name)),
      name: one.writes.name,
      inputs: functionInputs(one, manifest).map(({ name, className }) => ({
        name,
        typeName: className,
        source: { case: "hash" as const, value: manifest.types.hash },
      })),
      typeName: one.writes.className,
      resultType: metadata.DefinitionType.PROPOSED,
      responsibleParties: [roles[one.invokedBy]],
    }),
  );
}

import type { Message } from "@bufbuild/protobuf";
import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { metadataBytes, metadataKind } from "./addresses.ts";
import { sdkRefusal } from "./refusal.ts";

/** Bytes fields of metadata messages that hold no metadata address. */
const otherBytes = new Set([
  "provenance.metadata.v1.Session.context",
  "provenance.metadata.v1.ContractSpecification.resource_id",
]);

/**
 * Metadata addresses in messages are binary; their bech32 text is taken too and replaced, and anything else is
 * undecodable (provenance: x/metadata/types/address.go, Unmarshal). Changes `message`, which the caller just decoded.
 * @throws Refusal `sdk/2`
 */
export function normalizeMetadataAddresses<D extends DescMessage>(schema: D, message: Message): void {
  if (!schema.typeName.startsWith("provenance.metadata.v1.")) return;
  normalize(reflect(schema, message as never));
}

function normalize(message: ReflectMessage): void {
  for (const field of message.fields) {
    if (!message.isSet(field)) continue;
    if (field.fieldKind === "message") {
      if (isMetadata(field.message)) normalize(message.get(field));
    } else if (field.fieldKind === "scalar" && isAddress(field, field.scalar)) {
      message.set(field, binary(message.get(field) as Uint8Array));
    } else if (field.fieldKind === "list") {
      const list = message.get(field);
      if (field.listKind === "message" && isMetadata(field.message)) {
        for (const item of list) normalize(item as ReflectMessage);
      } else if (field.listKind === "scalar" && isAddress(field, field.scalar)) {
        for (let index = 0; index < list.size; index++) list.set(index, binary(list.get(index) as Uint8Array));
      }
    }
  }
}

function isMetadata(schema: DescMessage): boolean {
  return schema.typeName.startsWith("provenance.metadata.v1.");
}

function isAddress(field: DescField, scalar: ScalarType): boolean {
  return scalar === ScalarType.BYTES && !otherBytes.has(`${field.parent.typeName}.${field.name}`);
}

function binary(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0 || metadataKind(bytes) !== undefined) return bytes;
  const fromText = metadataBytes(new TextDecoder().decode(bytes));
  if (fromText === undefined) throw sdkRefusal("transactionUndecodable", "invalid metadata address bytes");
  return fromText;
}

import { type DescMessage, fromBinary, type MessageShape } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";

/** Type URLs of the chain are a slash and the message's full name, without a host. */
export function typeUrl(schema: DescMessage): string {
  return `/${schema.typeName}`;
}

/** Undefined when the URL names another type. @throws when the bytes are no such message */
export function unpackAny<D extends DescMessage>(any: Any | undefined, schema: D): MessageShape<D> | undefined {
  return any?.typeUrl === typeUrl(schema) ? fromBinary(schema, any.value) : undefined;
}

import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { decodeMessage } from "@p8e/decoding";

/** Type URLs of the chain are a slash and the message's full name, without a host. */
export function typeUrl(schema: DescMessage): string {
  return `/${schema.typeName}`;
}

/** Undefined when the URL names another type. @throws P8eError when the bytes are no such message */
export function unpackAny<D extends DescMessage>(any: Any | undefined, schema: D): MessageShape<D> | undefined {
  return any?.typeUrl === typeUrl(schema) ? decodeMessage(schema, any.value, { what: schema.typeName }) : undefined;
}

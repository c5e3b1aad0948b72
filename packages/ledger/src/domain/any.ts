import { create, type DescMessage, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { type Any, AnySchema } from "@bufbuild/protobuf/wkt";

/** Type URLs of the chain are a slash and the message's full name, without a host. */
export function typeUrl(schema: DescMessage): string {
  return `/${schema.typeName}`;
}

export function packAny<D extends DescMessage>(schema: D, message: MessageShape<D>): Any {
  return create(AnySchema, { typeUrl: typeUrl(schema), value: toBinary(schema, message) });
}

/** Undefined when the URL names another type. @throws when the bytes are no such message */
export function unpackAny<D extends DescMessage>(any: Any | undefined, schema: D): MessageShape<D> | undefined {
  return any?.typeUrl === typeUrl(schema) ? fromBinary(schema, any.value) : undefined;
}

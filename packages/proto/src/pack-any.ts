import { create, type DescMessage, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { type Any, AnySchema } from "@bufbuild/protobuf/wkt";

/**
 * A message with its type, the type URL being `/` and the full name: the form of ledger messages, grants and the scope
 * in an envelope. (Protocol Buffers' own default would put `type.googleapis.com` in front.)
 */
export function packAny<Desc extends DescMessage>(schema: Desc, message: MessageShape<Desc>): Any {
  return create(AnySchema, { typeUrl: `/${schema.typeName}`, value: toBinary(schema, message) });
}

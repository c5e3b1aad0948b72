import {
  create,
  type DescMessage,
  fromBinary,
  type Message,
  type MessageShape,
  type Registry,
  toBinary,
} from "@bufbuild/protobuf";
import { type Any, AnySchema } from "@bufbuild/protobuf/wkt";
import { P8eError } from "@p8e/core";

/**
 * A message with its type, the type URL being `/` and the full name: the form of ledger messages, grants and the scope
 * in an envelope. (Protocol Buffers' own default would put `type.googleapis.com` in front.)
 */
export function packAny<Desc extends DescMessage>(schema: Desc, message: MessageShape<Desc>): Any {
  return create(AnySchema, { typeUrl: `/${schema.typeName}`, value: toBinary(schema, message) });
}

/**
 * The full message name in a type URL, whatever stands before its last slash.
 *
 * @throws P8eError `input.invalid` if there is no slash or nothing behind it
 */
export function anyTypeName(any: Any): string {
  const slash = any.typeUrl.lastIndexOf("/");
  const name = any.typeUrl.slice(slash + 1);
  if (slash < 0 || name === "") {
    throw new P8eError("input.invalid", "the type URL of a packed message names no type", {
      facts: { typeUrl: any.typeUrl.slice(0, 200) },
    });
  }
  return name;
}

/**
 * The message in an Any: with a schema exactly that type, with a registry any type it holds.
 *
 * @throws P8eError `input.invalid` if the type is another or unknown, or the bytes are not such a message
 */
export function unpackAny<Desc extends DescMessage>(any: Any, schema: Desc): MessageShape<Desc>;
export function unpackAny(any: Any, registry: Registry): Message;
export function unpackAny(any: Any, types: DescMessage | Registry): Message {
  const typeName = anyTypeName(any);
  const schema =
    types.kind === "registry" ? types.getMessage(typeName) : types.typeName === typeName ? types : undefined;
  if (schema === undefined) {
    throw new P8eError("input.invalid", "a packed message is of an unexpected type", {
      facts: { typeName: typeName.slice(0, 200) },
    });
  }
  try {
    return fromBinary(schema, any.value);
  } catch (cause) {
    throw new P8eError("input.invalid", `a packed message is not a valid ${typeName}`, { facts: { typeName }, cause });
  }
}

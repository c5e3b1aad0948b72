import type { DescMessage, Message, MessageShape, Registry } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { P8eError } from "@p8e/core";
import { decodeMessage } from "@p8e/decoding";

export { packAny } from "./pack-any.ts";

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
  return decodeMessage(schema, any.value, { what: `the packed ${typeName}`, facts: { typeName } });
}

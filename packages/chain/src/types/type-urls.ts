import { type DescMessage, fromBinary, type Message, type Registry, toBinary } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { type Any, AnySchema } from "@bufbuild/protobuf/wkt";

/**
 * Writes the type URLs of a packed message, and of all that are packed in it, as the chain reads them: `/` and the full
 * name. Protocol Buffers' own JSON puts `type.googleapis.com` in front, which a node does not resolve.
 */
export function withChainTypeUrls(packed: Any, registry: Registry): Any {
  const typeName = packed.typeUrl.slice(packed.typeUrl.lastIndexOf("/") + 1);
  packed.typeUrl = `/${typeName}`;
  const schema = registry.getMessage(typeName);
  if (schema === undefined) return packed;
  const message = fromBinary(schema, packed.value);
  rewrite(schema, message, registry);
  packed.value = toBinary(schema, message);
  return packed;
}

/** Depth is bounded by that of the JSON which the message was read from. */
function rewrite(schema: DescMessage, message: Message, registry: Registry): void {
  if (schema.typeName === AnySchema.typeName) {
    withChainTypeUrls(message as Any, registry);
    return;
  }
  const reflected = reflect(schema, message);
  for (const inner of messagesIn(reflected)) rewrite(inner.desc, inner.message, registry);
}

function messagesIn(message: ReflectMessage): readonly ReflectMessage[] {
  return message.desc.fields.flatMap((field): readonly ReflectMessage[] => {
    if (!message.isSet(field)) return [];
    if (field.fieldKind === "message") return [message.get(field)];
    if (field.fieldKind === "list" && field.listKind === "message") return [...message.get(field)] as ReflectMessage[];
    if (field.fieldKind === "map" && field.mapKind === "message")
      return [...message.get(field).values()] as ReflectMessage[];
    return [];
  });
}

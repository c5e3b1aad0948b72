import type { DescMessage, Registry } from "@bufbuild/protobuf";
import { utf8Decode } from "@p8e/core";
import { type DecodingBudget, valueBudget } from "./decoding-budget.ts";
import { type DecodingContext, DecodingFault, decodingError, refusing } from "./decoding-fault.ts";
import { jsonToBytes } from "./json/json-to-bytes.ts";

/**
 * The serialized message that a text in protobuf's JSON form says. Every number is read exactly or refused; what
 * protobuf-go and Java do not both take, and read alike, is refused too (docs/protocol/protobuf-json.md).
 *
 * @param text the text, or its UTF-8
 * @param registry where the types of a google.protobuf.Any are found
 * @throws P8eError the codes of `context`, with the facts `field` (a path) and `reason`
 */
export function messageBytesFromJson(
  schema: DescMessage,
  text: string | Uint8Array,
  registry: Pick<Registry, "getMessage">,
  context: DecodingContext,
  budget: DecodingBudget = valueBudget,
): Uint8Array {
  return refusing(context, () => jsonToBytes(schema, decoded(text, context, budget), registry, budget));
}

function decoded(text: string | Uint8Array, context: DecodingContext, budget: DecodingBudget): string {
  const length = typeof text === "string" ? Buffer.byteLength(text) : text.length;
  if (length > budget.bytes) {
    const limit = { of: "bytes", max: budget.bytes } as const;
    throw decodingError({ field: "", problem: "has more bytes than are read", limit }, context);
  }
  if (typeof text === "string") return text;
  try {
    return utf8Decode(text);
  } catch {
    throw new DecodingFault({ field: "", problem: "is not UTF-8" });
  }
}

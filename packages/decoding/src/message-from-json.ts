import type { DescMessage, Registry } from "@bufbuild/protobuf";
import { utf8Decode } from "@p8e/core";
import { type DecodingBudget, valueBudget } from "./decoding-budget.ts";
import { type DecodingContext, DecodingFault, decodingError, refusing } from "./decoding-fault.ts";
import type { JsonNode } from "./json/json-node.ts";
import { jsonToBytes, nodeToBytes } from "./json/json-to-bytes.ts";
import { parseJsonText } from "./json/parse-json-text.ts";

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

/**
 * A text in JSON as it was written: numbers keep their digits, and a name twice in an object is refused.
 * @throws P8eError the codes of `context`
 */
export function parseExactJson(
  text: string | Uint8Array,
  context: DecodingContext,
  budget: DecodingBudget = valueBudget,
): JsonNode {
  return refusing(context, () => parseJsonText(decoded(text, context, budget), budget));
}

/** As {@link messageBytesFromJson}, of JSON that was parsed by {@link parseExactJson} or put together in its form. */
export function messageBytesFromExactJson(
  schema: DescMessage,
  node: JsonNode,
  registry: Pick<Registry, "getMessage">,
  context: DecodingContext,
  budget: DecodingBudget = valueBudget,
): Uint8Array {
  return refusing(context, () => nodeToBytes(schema, node, registry, budget));
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

export { checkFullNames } from "./check-full-names.ts";
export { decodeExamined } from "./decode-examined.ts";
export { checkMessage, type DecodingOptions, decodeMessage } from "./decode-message.ts";
export { type DecodingBudget, messageBudget, valueBudget } from "./decoding-budget.ts";
export type { DecodingContext } from "./decoding-fault.ts";
export type { JsonNode } from "./json/json-node.ts";
export { messageBytesFromExactJson, messageBytesFromJson, parseExactJson } from "./message-from-json.ts";
export { scalarWireType } from "./scalar-wire-type.ts";
export { type ExamineOptions, examineMessage, isCanonicalMessage } from "./thread/examine-message.ts";

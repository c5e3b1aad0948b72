export { checkMessage, type DecodingOptions, decodeMessage } from "./decode-message.ts";
export { type DecodingBudget, MAIN_THREAD_BYTES, messageBudget, valueBudget } from "./decoding-budget.ts";
export type { DecodingContext } from "./decoding-fault.ts";
export { messageBytesFromJson } from "./message-from-json.ts";

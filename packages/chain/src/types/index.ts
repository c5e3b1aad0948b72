// Messages of any type, by the description of it: apart, since it loads what describes descriptors.
export { messageTypesOfSet } from "./described-types.ts";
export { MessageTypes, type TypedMessage, type TypedMessages } from "./message-types.ts";
export { parseTransactionJson, type TransactionJson } from "./transaction-json.ts";

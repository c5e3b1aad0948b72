// Messages of any type, by the description of it: apart, since it loads what describes descriptors.
export { messageTypesOfSet } from "./described-types.ts";
export { MessageTypes, type TypedMessage, typeNamesIn } from "./message-types.ts";

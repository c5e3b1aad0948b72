import type { JsonValue } from "@bufbuild/protobuf";
import { P8eError } from "@p8e/core";

/** A JSON text that says what a transaction is to do. */
export interface TransactionJson {
  /** The same as the JSON of a `cosmos.tx.v1beta1.Tx`, its digits untouched. */
  readonly text: string;
  /** The types that `@type` names anywhere in it, each once. */
  readonly typeNames: readonly string[];
}

/** As much as a transaction of a Provenance chain can hold, in the longer form of JSON. */
const LENGTH_MAX = 4 * 1024 * 1024;
const DEPTH_MAX = 64;
const TYPES_MAX = 200;
const TYPE_URL = /^\/[A-Za-z_][A-Za-z0-9_.]{0,200}$/;

/**
 * Reads what is to be sent: a message with `@type`, a list of messages, or a transaction that was made and not signed, as
 * `provenanced tx … --generate-only` prints it.
 * @throws `input.invalid` for what is none of these, is nested too deep, or names a type otherwise than `/NAME`;
 *   `input.too_large`
 */
export function parseTransactionJson(text: string): TransactionJson {
  if (text.length > LENGTH_MAX) {
    throw new P8eError("input.too_large", "the transaction is too large", { facts: { limit: LENGTH_MAX } });
  }
  const json = parse(text);
  const names = new Set<string>();
  collect(json, names, 0);
  return { text: asTransaction(json, text), typeNames: [...names] };
}

function parse(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    throw new P8eError("input.invalid", "the messages to send are not JSON");
  }
}

/** Only what is around it is written here: numbers in the text may have more digits than JSON.parse keeps. */
function asTransaction(json: JsonValue, text: string): string {
  if (Array.isArray(json)) return `{"body":{"messages":${text}}}`;
  if (typeof json === "object" && json !== null) {
    if (json["@type"] !== undefined) return `{"body":{"messages":[${text}]}}`;
    if (json["body"] !== undefined) return text;
  }
  throw new P8eError("input.invalid", 'a message to send is a JSON object with "@type"', {
    hint: 'As {"@type": "/cosmos.bank.v1beta1.MsgSend", "from_address": …}; or a list of them.',
  });
}

function collect(json: JsonValue, names: Set<string>, depth: number): void {
  if (typeof json !== "object" || json === null) return;
  if (depth > DEPTH_MAX || names.size > TYPES_MAX) {
    throw new P8eError("input.invalid", "the messages are nested too deep, or hold too many types");
  }
  if (!Array.isArray(json) && json["@type"] !== undefined) names.add(typeNameOf(json["@type"]));
  for (const value of Object.values(json)) collect(value, names, depth + 1);
}

function typeNameOf(url: JsonValue): string {
  if (typeof url === "string" && TYPE_URL.test(url)) return url.slice(1);
  throw new P8eError("input.invalid", '"@type" is a slash and the full name of a message', {
    facts: { type: typeof url === "string" ? url.slice(0, 200) : typeof url },
  });
}

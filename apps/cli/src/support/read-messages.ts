import type { JsonValue } from "@bufbuild/protobuf";
import { P8eError, utf8Decode } from "@p8e/core";
import { readFile } from "./read-file.ts";

/** What `p8e tx send` is to send. */
export interface MessagesToSend {
  /** Protobuf JSON with `@type` each. */
  readonly messages: readonly JsonValue[];
  readonly memo: string | undefined;
}

/** A transaction of a Provenance chain has at most 1 MB; JSON takes more room than bytes. */
const FILE_BYTES_MAX = 4 * 1024 * 1024;
const MESSAGES_MAX = 100;

/**
 * Reads one message, a list of messages, or a transaction that was made but not signed (`provenanced tx … --generate-only`),
 * of which messages and memo are taken: who signs, fee, gas and timeout are found here.
 * @throws `input.invalid`, `input.too_large`, `rpc.cancelled`
 */
export async function readMessages(file: string, signal: AbortSignal): Promise<MessagesToSend> {
  const value = parse(await readFile(file, { bytesMax: FILE_BYTES_MAX, signal }), file);
  const body = isObject(value) ? value["body"] : undefined;
  const whole = isObject(body) && !("@type" in (value as object)) ? body : { messages: value };
  const { messages: given } = whole;
  const messages = Array.isArray(given) ? given : [given];
  if (messages.length === 0 || messages.length > MESSAGES_MAX || messages.some((each) => each === undefined)) {
    throw new P8eError("input.invalid", `a transaction has from 1 to ${MESSAGES_MAX} messages`, { facts: { file } });
  }
  const { memo } = whole as { readonly memo?: unknown };
  return {
    messages: messages as readonly JsonValue[],
    memo: typeof memo === "string" && memo !== "" ? memo : undefined,
  };
}

function parse(bytes: Uint8Array, file: string): JsonValue {
  try {
    return JSON.parse(utf8Decode(bytes)) as JsonValue;
  } catch {
    throw new P8eError("input.invalid", "the file does not hold JSON", { facts: { file } });
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

import { setImmediate } from "node:timers/promises";
import { type DescMessage, toBinary } from "@bufbuild/protobuf";
import { equalBytes, throwIfCancelled } from "@p8e/core";
import { checkMessage, decodeMessage } from "../decode-message.ts";
import { type DecodingBudget, valueBudget } from "../decoding-budget.ts";
import { type DecodingContext, decodingError } from "../decoding-fault.ts";
import { onThread } from "./on-thread.ts";

/** From here on a message is read on a thread of its own. */
export const THREAD_BYTES_MIN = 64 * 1024;

/** How a message is examined. */
export interface ExamineOptions {
  /** The schema's file and all that it imports, as a serialized FileDescriptorSet; asked for when a thread needs it. */
  readonly types: () => Uint8Array;
  /** {@link valueBudget} unless given. */
  readonly budget?: DecodingBudget | undefined;
  /** Ends the thread. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * All of {@link checkMessage}, without keeping anybody waiting: what is larger than 64 KiB is read on a thread of its own,
 * whose memory is bounded and which ends with the signal; between smaller ones the event loop gets its turn.
 *
 * @throws P8eError the codes of `context`; `rpc.cancelled`; `internal.unexpected` when the thread broke down
 */
export async function examineMessage(
  schema: DescMessage,
  bytes: Uint8Array,
  context: DecodingContext,
  options: ExamineOptions,
): Promise<void> {
  await examined(schema, bytes, context, options, false);
}

/**
 * As {@link examineMessage}; and whether the bytes are the one form that encoding what they say gives, on every machine: a
 * NaN in other bits than the usual ones is refused. Decoders differ in what else they let pass.
 */
export async function isCanonicalMessage(
  schema: DescMessage,
  bytes: Uint8Array,
  context: DecodingContext,
  options: ExamineOptions,
): Promise<boolean> {
  return await examined(schema, bytes, context, options, true);
}

async function examined(
  schema: DescMessage,
  bytes: Uint8Array,
  context: DecodingContext,
  { types, budget = valueBudget, signal }: ExamineOptions,
  encode: boolean,
): Promise<boolean> {
  throwIfCancelled(signal);
  if (bytes.length > THREAD_BYTES_MIN && bytes.length <= budget.bytes) {
    const question = { types: types(), typeName: schema.typeName, bytes, budget, encode };
    const answer = await onThread(question, context.what, signal);
    if (answer.kind === "refused") throw decodingError(answer.refusal, context);
    return answer.same;
  }
  await setImmediate();
  if (!encode) {
    checkMessage(schema, bytes, context, budget);
    return false;
  }
  return equalBytes(toBinary(schema, decodeMessage(schema, bytes, context, { budget, oneNaN: true })), bytes);
}

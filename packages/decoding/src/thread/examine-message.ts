import { setImmediate } from "node:timers/promises";
import { type DescMessage, fromBinary, toBinary } from "@bufbuild/protobuf";
import { equalBytes, throwIfCancelled } from "@p8e/core";
import { type DecodingBudget, valueBudget } from "../decoding-budget.ts";
import { type DecodingContext, decodingError, refusing } from "../decoding-fault.ts";
import { FieldPath } from "../field-path.ts";
import { scanMessage } from "../scan-message.ts";
import { onThread } from "./on-thread.ts";

/** From here on a message is read on a thread of its own. */
export const THREAD_BYTES_MIN = 64 * 1024;

/** A message of few bytes is made here, and written again, unless it comes to more fields than so many are in 64 KiB. */
const FIELDS_HERE_MAX = 50_000;

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
 * All of `checkMessage`, without keeping anybody waiting: what is larger than 64 KiB is read on a thread of its own,
 * whose memory is bounded and which ends with the signal; between smaller ones the event loop gets its turn.
 *
 * @returns what making the message would come to, in fields, as `checkMessage` does
 * @throws P8eError the codes of `context`; `rpc.cancelled`; `internal.unexpected` when the thread broke down
 */
export async function examineMessage(
  schema: DescMessage,
  bytes: Uint8Array,
  context: DecodingContext,
  options: ExamineOptions,
): Promise<number> {
  return (await examined(schema, bytes, context, options, false)).fields;
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
  return (await examined(schema, bytes, context, options, true)).same;
}

async function examined(
  schema: DescMessage,
  bytes: Uint8Array,
  context: DecodingContext,
  { types, budget = valueBudget, signal }: ExamineOptions,
  encode: boolean,
): Promise<{ readonly fields: number; readonly same: boolean }> {
  throwIfCancelled(signal);
  if (bytes.length > THREAD_BYTES_MIN && bytes.length <= budget.bytes) {
    return await onOwnThread();
  }
  await setImmediate();
  const fields = refusing(context, () => scanMessage(schema, bytes, budget, new FieldPath(), encode));
  if (!encode) return { fields, same: false };
  if (fields > FIELDS_HERE_MAX) return await onOwnThread();
  return { fields, same: equalBytes(toBinary(schema, fromBinary(schema, bytes)), bytes) };

  async function onOwnThread() {
    const question = { types: types(), typeName: schema.typeName, bytes, budget, encode };
    const answer = await onThread(question, context.what, { signal });
    if (answer.kind === "refused") throw decodingError(answer.refusal, context);
    return answer;
  }
}

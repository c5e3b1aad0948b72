import { type DescMessage, fromBinary, type MessageShape } from "@bufbuild/protobuf";
import { type DecodingBudget, messageBudget } from "./decoding-budget.ts";
import { type DecodingContext, refusing } from "./decoding-fault.ts";
import { FieldPath } from "./field-path.ts";
import { scanMessage } from "./scan-message.ts";

/** How a message is decoded. */
export interface DecodingOptions {
  /** {@link messageBudget} unless given. */
  readonly budget?: DecodingBudget | undefined;
  /** Whether fields that the schema does not know are kept, for writing them again; they are unless this is false. */
  readonly keepUnknown?: boolean | undefined;
}

/**
 * The message in bytes that somebody else wrote. They are gone through before anything is made of them: a known field under
 * a wire type that its declaration never has, a text that is not UTF-8, a missing required field, and whatever would exceed
 * the budget is refused.
 *
 * `bytes` fields of the message are views into the bytes.
 *
 * @throws P8eError the codes of `context`, with the facts `field` and `reason`
 */
export function decodeMessage<Desc extends DescMessage>(
  schema: Desc,
  bytes: Uint8Array,
  context: DecodingContext,
  { budget = messageBudget, keepUnknown = true }: DecodingOptions = {},
): MessageShape<Desc> {
  refusing(context, () => scanMessage(schema, bytes, budget, new FieldPath()));
  return fromBinary(schema, bytes, { readUnknownFields: keepUnknown });
}

/**
 * All of {@link decodeMessage} but the decoding: nothing is made, and nothing of the bytes is kept.
 *
 * @returns what decoding would make, in fields; those that a message has and that are not there are among them
 */
export function checkMessage(
  schema: DescMessage,
  bytes: Uint8Array,
  context: DecodingContext,
  budget: DecodingBudget = messageBudget,
): number {
  return refusing(context, () => scanMessage(schema, bytes, budget, new FieldPath()));
}

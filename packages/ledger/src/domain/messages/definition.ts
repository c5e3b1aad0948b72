import type { DescMessage, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import type { AccountPrefix } from "@p8e/core";
import type { MessageContext } from "../message-context.ts";

/**
 * One kind of message: who signs it, what it must look like, what it does.
 *
 * `validate` needs no state and may replace fields (ids that come as uuids); `run` gets what it returned. Both throw
 * a Refusal. `run` may have written when it does: the caller drops the branch.
 */
export interface MessageDefinition<D extends DescMessage = DescMessage, R extends DescMessage = DescMessage> {
  readonly schema: D;
  readonly response: R;
  readonly signers: (message: MessageShape<D>) => readonly string[];
  readonly validate: (message: MessageShape<D>, prefix: AccountPrefix) => MessageShape<D>;
  readonly run: (context: MessageContext, message: MessageShape<D>) => MessageInitShape<R>;
}

/** Checks the parts of a definition against each other, then forgets the message's type: a registry holds many kinds. */
export function define<D extends DescMessage, R extends DescMessage>(
  definition: MessageDefinition<D, R>,
): MessageDefinition {
  return definition as unknown as MessageDefinition;
}

import { create } from "@bufbuild/protobuf";
import type { Network } from "@p8e/core";
import type { PublicKey } from "@p8e/crypto";
import * as wire from "@p8e/proto/agreement";
import type { NewMail } from "../state/agreement-store.ts";
import type { ExecutionState } from "../state/execution.ts";
import type { Agreement } from "./agreement.ts";
import { decodeWords, requestHash, signedMailMessage } from "./agreement-mail.ts";
import { newMail } from "./mail-out.ts";

const outcomes: Readonly<Partial<Record<ExecutionState, wire.AgreementEnd_Outcome>>> = {
  committed: wire.AgreementEnd_Outcome.COMMITTED,
  rejected: wire.AgreementEnd_Outcome.REJECTED,
  expired: wire.AgreementEnd_Outcome.EXPIRED,
  cancelled: wire.AgreementEnd_Outcome.CANCELLED,
  failed: wire.AgreementEnd_Outcome.FAILED,
};

/** How an agreement ended, told to those who were asked: with the refusal, where somebody refused, in his own mail. */
export function endMail(
  agreement: Agreement & { readonly transactionHash?: string | undefined },
  { chainId }: Pick<Network, "chainId">,
  readers: readonly PublicKey[],
  sending = 0,
): NewMail {
  const { uuid, state, reason, request, signers, transactionHash } = agreement;
  const refused = signers.find(({ stand }) => stand === "refused")?.mail;
  const asked = decodeWords(request.content).value as wire.AgreementRequest;
  const value = create(wire.AgreementEndSchema, {
    ...{ chainId, executionUuid: uuid, requestHash: requestHash(asked) },
    ...{ outcome: outcomes[state] ?? wire.AgreementEnd_Outcome.UNKNOWN, reason: reason ?? "" },
    ...(state === "rejected" && refused !== undefined ? { refusal: signedMailMessage(refused) } : {}),
    ...(state === "committed" ? { transactionHash: transactionHash ?? "" } : {}),
  });
  return newMail(uuid, { case: "end", value }, readers, sending);
}

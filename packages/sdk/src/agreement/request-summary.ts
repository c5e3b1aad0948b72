import {
  type AccountAddress,
  type AccountPrefix,
  roleFromNumber,
  type ScopeAddress,
  scopeAddress,
  type Uuid,
} from "@p8e/core";
import { accountAddress, publicKeyFromMessage } from "@p8e/crypto";
import { requestOf, type SignedMail } from "./agreement-mail.ts";
import { readSignedEnvelope } from "./request-envelope.ts";

/** What a request to sign is about, without executing it. */
export interface RequestSummary {
  /** Class name. */
  readonly contract: string;
  readonly scope: ScopeAddress;
  readonly scopeUuid: Uuid;
  readonly sessionUuid: Uuid;
  /** Who takes which role; who takes several stands there several times. */
  readonly participants: readonly { readonly address: AccountAddress; readonly role: string }[];
}

/** Reads it off a request that was kept, one's own or another party's. @throws `envelope.malformed` … */
export function requestSummary(request: SignedMail, accountPrefix: AccountPrefix): RequestSummary {
  const { contract, scopeUuid, sessionUuid } = readSignedEnvelope(requestOf(request).envelope);
  const { definition, recitals } = contract;
  return {
    ...{
      contract: definition?.resourceLocation?.classname ?? "",
      scope: scopeAddress(scopeUuid),
      scopeUuid,
      sessionUuid,
    },
    participants: recitals.flatMap(({ signer, signerRole }) =>
      signer?.signingPublicKey === undefined
        ? []
        : [
            {
              address: accountAddress(publicKeyFromMessage(signer.signingPublicKey), accountPrefix),
              role: roleFromNumber(signerRole) ?? String(signerRole),
            },
          ],
    ),
  };
}

import { toBinary } from "@bufbuild/protobuf";
import { equalBytes, P8eError, type Uuid } from "@p8e/core";
import type { PublicKey } from "@p8e/crypto";
import { sameExecution } from "@p8e/engine";
import type * as wire from "@p8e/proto/agreement";
import * as scope from "@p8e/proto/scope";
import { requestHash } from "./agreement-mail.ts";
import {
  differs,
  readSignedEnvelope,
  requireSameAround,
  requireSameContract,
  type SignedEnvelope,
} from "./request-envelope.ts";

/**
 * Whether a reply may be merged: it answers this request, says the same of everything around the contract, was executed
 * to the same bytes, and is signed twice by one key: the contract in it, and the mail that carries it.
 *
 * @returns the reply's envelope, whose signature is the one to merge
 * @throws `session.differs` naming the field, `contract.metering_differs`, `session.result_differs` naming the functions,
 *   `signature.…`, `envelope.malformed`
 */
export function checkReply(
  request: wire.AgreementRequest,
  reply: wire.AgreementReply,
  sender: PublicKey,
): SignedEnvelope {
  const ours = readSignedEnvelope(request.envelope);
  const theirs = readSignedEnvelope(reply.envelope);
  if (reply.chainId !== request.chainId) {
    throw differs("network", "the reply", { expected: request.chainId, found: reply.chainId.slice(0, 64) });
  }
  requireSameAround(ours.envelope, theirs.envelope, "the reply");
  if (!equalBytes(reply.requestHash, requestHash(request))) throw differs("request", "the reply", {});
  if (!theirs.signer.equals(sender)) {
    throw new P8eError("session.foreign_signer", "the contract in the reply is signed by another key than the mail", {
      facts: { mail: sender.base64, contract: theirs.signer.base64 },
    });
  }
  requireSameExecution(ours, theirs);
  return theirs;
}

/**
 * Whether two parties executed a contract to the same bytes.
 * @throws `session.differs` when they were not given the same, `session.result_differs`, `contract.metering_differs`
 */
export function requireSameExecution(ours: SignedEnvelope, theirs: Pick<SignedEnvelope, "contract" | "contractBytes">) {
  requireSameContract(ours.contract, theirs.contract, "the other party's contract");
  if (sameExecution(ours.contractBytes, theirs.contractBytes)) return;
  const results = functionsThatDiffer(ours.contract, theirs.contract);
  throw new P8eError("session.result_differs", "the parties executed the contract to different results", {
    facts: { functions: results },
    hint: "One party runs another version of p8e or of the contract, or does not tell the truth. Nothing was merged.",
  });
}

function functionsThatDiffer(ours: scope.Contract, theirs: scope.Contract): readonly string[] {
  const bytesOf = (each: scope.ConsiderationProto | undefined) =>
    each?.result === undefined ? new Uint8Array() : toBinary(scope.ExecutionResultSchema, each.result);
  return ours.considerations
    .filter((each, index) => !equalBytes(bytesOf(each), bytesOf(theirs.considerations[index])))
    .map((each) => each.considerationName);
}

/** Which execution a reply speaks of. @throws as {@link readSignedEnvelope} */
export function executionOfReply(reply: wire.AgreementReply): Uuid {
  return readSignedEnvelope(reply.envelope).executionUuid;
}

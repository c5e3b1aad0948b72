import { create, toBinary } from "@bufbuild/protobuf";
import { equalBytes, P8eError } from "@p8e/core";
import { type PublicKey, parsePublicKey } from "@p8e/crypto";
import { decodeMessage } from "@p8e/decoding";
import * as wire from "@p8e/proto/agreement";
import type * as scope from "@p8e/proto/scope";
import { encodeEvidence } from "../session/evidence.ts";
import type { Agreement } from "./agreement.ts";
import { readSignedMail, signedMailMessage } from "./agreement-mail.ts";
import { checkReply } from "./check-reply.ts";
import { readSignedEnvelope } from "./request-envelope.ts";

/**
 * The evidence of a session that several parties signed: the envelope with all signatures, and the mails in which they
 * asked and agreed. The same agreement gives the same bytes, whoever makes them and however often.
 */
export function agreementEvidence(agreement: Agreement, envelope: Uint8Array): Uint8Array {
  const message = create(wire.AgreementEvidenceSchema, {
    envelope,
    request: signedMailMessage(agreement.request),
    replies: agreement.signers.map(({ mail }) => signedMailMessage(mail!)),
  });
  return toBinary(wire.AgreementEvidenceSchema, message);
}

/** An envelope with the signatures of all: the invoker's own, then the others' in the request's order. */
export function mergedEnvelope(agreement: Pick<Agreement, "request" | "signers">): Uint8Array {
  const { said } = readSignedMail(signedMailMessage(agreement.request));
  const ours = readSignedEnvelope((said.value as wire.AgreementRequest).envelope);
  const signatures = [...ours.envelope.signatures];
  for (const { mail } of agreement.signers) {
    const reply = readSignedMail(signedMailMessage(mail!)).said.value as wire.AgreementReply;
    signatures.push(...readSignedEnvelope(reply.envelope).envelope.signatures);
  }
  return encodeEvidence({ ...ours.envelope, signatures } as scope.Envelope);
}

/**
 * Takes the evidence of several parties apart and checks that its mails say what its envelope says: who signed the
 * contract has asked for exactly this session, or agreed to it.
 * @returns the bytes of the envelope in it, to be verified as any evidence is
 * @throws `envelope.malformed`, `session.differs`, `session.foreign_signer`, `signature.…`
 */
export function openAgreementEvidence(bytes: Uint8Array): Uint8Array {
  const code = "envelope.malformed";
  const evidence = decodeMessage(wire.AgreementEvidenceSchema, bytes, { what: "the evidence", code });
  if (!equalBytes(toBinary(wire.AgreementEvidenceSchema, evidence), bytes)) {
    throw new P8eError(code, "the evidence is not in the one form that encoding gives");
  }
  const asked = readSignedMail(evidence.request);
  if (asked.said.case !== "request") throw new P8eError(code, "the evidence holds no request");
  const request = asked.said.value;
  const ours = readSignedEnvelope(request.envelope);
  const signers = request.signers.map(({ signingKey }) => parsePublicKey(signingKey));
  const agreed: PublicKey[] = [requireInvoker(ours.signer, asked.signer, signers[0])];
  const signatures = [...ours.envelope.signatures];
  for (const [index, message] of evidence.replies.entries()) {
    const answer = readSignedMail(message);
    if (answer.said.case !== "reply") throw new P8eError(code, "the evidence holds a reply that is none");
    const reply = checkReply(request, answer.said.value, answer.signer);
    const due = signers[index + 1];
    if (due === undefined || !due.equals(reply.signer)) {
      throw new P8eError("session.foreign_signer", "the evidence holds the reply of somebody who was not asked", {
        facts: { publicKey: reply.signer.base64 },
      });
    }
    agreed.push(reply.signer);
    signatures.push(...reply.envelope.signatures);
  }
  if (agreed.length !== signers.length) {
    throw new P8eError("signature.missing", "the evidence lacks the reply of a party that was asked");
  }
  const whole = encodeEvidence({ ...ours.envelope, signatures } as scope.Envelope);
  if (!equalBytes(whole, evidence.envelope)) {
    throw new P8eError("verify.failed", "the evidence's envelope is not what its mails say");
  }
  return evidence.envelope;
}

function requireInvoker(contract: PublicKey, mail: PublicKey, first: PublicKey | undefined): PublicKey {
  if (contract.equals(mail) && first?.equals(mail) === true) return mail;
  throw new P8eError("session.foreign_signer", "the request was not sent by the invoker", {
    facts: { mail: mail.base64, contract: contract.base64 },
  });
}

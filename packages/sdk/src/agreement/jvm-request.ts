import { create, toBinary } from "@bufbuild/protobuf";
import {
  type AccountAddress,
  type AccountPrefix,
  equalBytes,
  P8eError,
  parseUuid,
  roleFromNumber,
  type Uuid,
} from "@p8e/core";
import { accountAddress, type PublicKey, publicKeyFromMessage } from "@p8e/crypto";
import { decodeMessage } from "@p8e/decoding";
import type { MailType } from "@p8e/envelope";
import * as wire from "@p8e/proto/agreement";
import * as scope from "@p8e/proto/scope";
import { foreignText } from "../foreign-text.ts";
import { evidenceBudget } from "../session/evidence.ts";
import type { SignedMail } from "./agreement-mail.ts";
import { snapshotOf } from "./needed-signatures.ts";

/** Of a request: each key takes work, and a refusal is encrypted for every party. */
const PARTIES_MAX = 100;

/**
 * A session that a party of the JVM's SDK asks this party to sign (p8e-scope-sdk: sdk/…/Client.kt,
 * requestAffiliateExecution). Its code is an archive that is not run here: it can be looked at and refused, and not signed.
 */
export interface JvmRequest {
  /** Of the execution. */
  readonly uuid: Uuid;
  readonly state: "received" | "rejected";
  readonly invoker: AccountAddress;
  /** As it came. */
  readonly request: SignedMail;
  /** Why it was refused. */
  readonly reason?: string | undefined;
  readonly receivedAtMs: number;
}

/** What such a request asks for; what others wrote has no control characters. */
export interface JvmRequestView {
  readonly contract: string;
  readonly scopeUuid: Uuid;
  readonly sessionUuid: Uuid;
  readonly newScope: boolean;
  readonly participants: readonly { readonly role: string; readonly address: AccountAddress }[];
  readonly inputs: readonly { readonly name: string; readonly className: string; readonly hash: string }[];
  readonly dataAccess: readonly AccountAddress[];
}

/** Whether a mail's content is not one of p8e's own: those have a version where the JVM's messages have no field. */
export function isForeignMail(content: Uint8Array): boolean {
  const context = { what: "the mail", code: "envelope.malformed" } as const;
  return decodeMessage(wire.AgreementMailSchema, content, context).version === 0;
}

/** @throws `envelope.malformed` for what is no request with all that a refusal of it needs */
export function readJvmRequest(content: Uint8Array): scope.Envelope {
  const context = { what: "the request", code: "envelope.malformed" } as const;
  const envelope = decodeMessage(scope.EnvelopeSchema, content, context, { budget: evidenceBudget });
  const { contract, ref, executionUuid } = envelope;
  const uuids = [executionUuid, ref?.scopeUuid, ref?.sessionUuid].map((each) => each?.value ?? "");
  const parties = [contract?.invoker, ...(contract?.recitals.map(({ signer }) => signer) ?? [])];
  const readers = envelope.dataAccess;
  if (parties.length > PARTIES_MAX || readers.length > PARTIES_MAX) {
    throw new P8eError("envelope.malformed", `the request names more than ${PARTIES_MAX} parties or readers`);
  }
  // All of them are needed to show it or to refuse it, whenever that is.
  for (const each of parties) requireKeys(each?.signingPublicKey, each?.encryptionPublicKey);
  requireKeys(...readers);
  for (const uuid of uuids) parseUuid(uuid);
  return envelope;
}

function requireKeys(...keys: readonly (scope.PublicKey | undefined)[]): void {
  for (const key of keys) {
    if (key === undefined) {
      throw new P8eError("envelope.malformed", "the request does not name the keys of all its parties");
    }
    publicKeyFromMessage(key);
  }
}

/** The execution that a request is of. */
export function executionOfJvm({ executionUuid }: scope.Envelope): Uuid {
  return parseUuid(executionUuid!.value);
}

/** Accounts that the JVM's SDK asks: parties of the contract, and owners of the scope. */
export function askedByJvm(envelope: scope.Envelope, prefix: AccountPrefix): readonly string[] {
  const parties = envelope.contract!.recitals.map(({ signer }) => addressOf(signer?.signingPublicKey, prefix));
  const owners = snapshotOf(envelope)?.scope?.scope?.owners ?? [];
  return [...parties, ...owners.map(({ address }) => address)];
}

/** What a person sees of it. */
export function viewJvmRequest({ request }: Pick<JvmRequest, "request">, prefix: AccountPrefix): JvmRequestView {
  const envelope = readJvmRequest(request.content);
  const { contract, ref, newScope, dataAccess } = envelope;
  const inputs = contract!.considerations.flatMap((consideration) => consideration.inputs);
  return {
    contract: foreignText(contract!.definition?.resourceLocation?.classname ?? ""),
    ...{ scopeUuid: parseUuid(ref!.scopeUuid!.value), sessionUuid: parseUuid(ref!.sessionUuid!.value), newScope },
    participants: contract!.recitals.map(({ signerRole, signer }) => ({
      ...{
        role: roleFromNumber(signerRole) ?? String(signerRole),
        address: addressOf(signer?.signingPublicKey, prefix),
      },
    })),
    inputs: inputs.map(({ name, classname, hash }) => ({
      ...{ name: foreignText(name), className: foreignText(classname), hash: foreignText(hash) },
    })),
    dataAccess: dataAccess.map((key) => addressOf(key, prefix)),
  };
}

/**
 * The refusal as the JVM's SDK writes it (sdk/…/mailbox/MailHelper.kt, mailEnvelopeError): to all parties of the contract and
 * its invoker, but this one.
 */
export function refusalForJvm(
  { uuid, request }: Pick<JvmRequest, "uuid" | "request">,
  { reason, own, errorUuid }: { readonly reason: string; readonly own: PublicKey; readonly errorUuid: Uuid },
): {
  readonly execution: Uuid;
  readonly type: MailType;
  readonly content: Uint8Array;
  readonly readers: readonly PublicKey[];
} {
  const envelope = readJvmRequest(request.content);
  const { recitals, invoker } = envelope.contract!;
  const keys = [invoker, ...recitals.map(({ signer }) => signer)].map((each) =>
    publicKeyFromMessage(each!.encryptionPublicKey!),
  );
  const readers = [...new Map(keys.map((key) => [key.base64, key])).values()].filter((key) => !key.equals(own));
  const error = create(scope.EnvelopeErrorSchema, {
    ...{ uuid: { value: errorUuid }, type: scope.EnvelopeError_Type.CONTRACT_REJECTED, message: reason, envelope },
  });
  return { execution: uuid, type: "ERROR_RESPONSE", content: toBinary(scope.EnvelopeErrorSchema, error), readers };
}

/** Whether two requests of one execution are the same. */
export function isSameJvmRequest(one: JvmRequest, content: Uint8Array): boolean {
  return equalBytes(one.request.content, content);
}

function addressOf(key: scope.PublicKey | undefined, prefix: AccountPrefix): AccountAddress {
  return accountAddress(publicKeyFromMessage(key!), prefix);
}

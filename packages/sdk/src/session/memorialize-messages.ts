import { create } from "@bufbuild/protobuf";
import { type LedgerMessage, ledgerMessage } from "@p8e/chain";
import {
  type AccountAddress,
  type AccountPrefix,
  type ContentHash,
  contentHashToBytes,
  contractSpecificationAddress,
  metadataAddressToBytes,
  P8eError,
  parseContentHash,
  parseUuid,
  scopeAddress,
  scopeSpecificationAddress,
  sessionAddress,
  uuidFromBytes,
} from "@p8e/core";
import { accountAddress, parsePublicKey } from "@p8e/crypto";
import { decodeMessage } from "@p8e/decoding";
import { unpackAny } from "@p8e/proto/any";
import * as metadata from "@p8e/proto/metadata";
import * as scope from "@p8e/proto/scope";
import { AGREEMENT_CONTEXT_VERSION, EVIDENCE_CONTEXT_VERSION, evidenceContext } from "./evidence-context.ts";

/**
 * The ledger messages of an executed envelope, in the order they must run: scope or new data access, session, one record
 * for each function that passed (p8e-scope-sdk: sdk/…/ExecutionResult.kt; contracts that name lineage add it as inputs).
 *
 * @throws `session.nothing_to_record` when no function passed
 */
export function memorializeMessages(
  envelope: scope.Envelope,
  specification: scope.ContractSpec,
  options: {
    readonly prefix: AccountPrefix;
    readonly evidence: ContentHash;
    /** Whether the evidence is that of several parties. */
    readonly agreed?: boolean;
  },
): readonly LedgerMessage[] {
  const contract = envelope.contract!;
  const passed = contract.considerations.filter((each) => each.result?.result === scope.ExecutionResult_Result.PASS);
  if (passed.length === 0) {
    throw new P8eError("session.nothing_to_record", "every function was skipped: there is no record to write");
  }
  const addressOf = (key: scope.PublicKey | undefined): AccountAddress =>
    accountAddress(parsePublicKey(key?.publicKeyBytes ?? new Uint8Array()), options.prefix);
  const signers = [addressOf(contract.invoker?.signingPublicKey)];
  const parties = contract.recitals.map((recital) =>
    create(metadata.PartySchema, { address: addressOf(recital.signer?.signingPublicKey), role: recital.signerRole }),
  );
  const scopeUuid = parseUuid(envelope.ref?.scopeUuid?.value ?? "");
  const scopeId = metadataAddressToBytes(scopeAddress(scopeUuid));
  const sessionId = metadataAddressToBytes(
    sessionAddress(scopeUuid, parseUuid(envelope.ref?.sessionUuid?.value ?? "")),
  );
  const dataAccess = envelope.dataAccess.map(addressOf);
  const messages: LedgerMessage[] = [];

  if (envelope.newScope) {
    messages.push(
      ledgerMessage(metadata.MsgWriteScopeRequestSchema, {
        scope: {
          scopeId,
          specificationId: metadataAddressToBytes(
            scopeSpecificationAddress(parseUuid(envelope.scopeSpecUuid?.value ?? "")),
          ),
          owners: parties,
          dataAccess,
          valueOwnerAddress: valueOwner(contract, parties, signers[0]!),
        },
        signers,
      }),
    );
  } else {
    const current = unpackAny(envelope.scope!, metadata.ScopeResponseSchema).scope?.scope;
    const added = dataAccess.filter(
      (address) => !current?.dataAccess.includes(address) && address !== current?.valueOwnerAddress,
    );
    if (added.length > 0) {
      messages.push(
        ledgerMessage(metadata.MsgAddScopeDataAccessRequestSchema, { scopeId, dataAccess: added, signers }),
      );
    }
  }
  if (envelope.newSession) {
    const specificationHash = parseContentHash(contract.spec?.dataLocation?.ref?.hash ?? "");
    messages.push(
      ledgerMessage(metadata.MsgWriteSessionRequestSchema, {
        session: {
          sessionId,
          specificationId: metadataAddressToBytes(
            contractSpecificationAddress(uuidFromBytes(contentHashToBytes(specificationHash))),
          ),
          parties,
          name: contract.definition?.resourceLocation?.classname ?? "",
          context: evidenceContext(
            options.evidence,
            options.agreed === true ? AGREEMENT_CONTEXT_VERSION : EVIDENCE_CONTEXT_VERSION,
          ),
        },
        signers,
      }),
    );
  }
  for (const consideration of passed) {
    messages.push(recordMessage(contract, consideration, specification, { sessionId, signers, parties }));
  }
  return messages;
}

function recordMessage(
  contract: scope.Contract,
  consideration: scope.ConsiderationProto,
  specification: scope.ContractSpec,
  common: { sessionId: Uint8Array; signers: string[]; parties: metadata.Party[] },
): LedgerMessage {
  const called = specification.functionSpecs.find((each) => each.funcName === consideration.considerationName);
  const output = consideration.result?.output;
  const proposed = consideration.inputs.map((input) => ({
    name: input.name,
    typeName: input.classname,
    hash: input.hash,
  }));
  // Records named as lineage: the chain wants every input of the record's specification, by name.
  const lineage = (called?.inputSpecs ?? [])
    .filter((input) => input.type === scope.DefinitionSpec_Type.FACT)
    .flatMap((input) => {
      const found = contract.inputs.find((each) => each.name === input.name)?.dataLocation;
      return found === undefined ? [] : [{ name: input.name, typeName: found.classname, hash: found.ref?.hash ?? "" }];
    });
  return ledgerMessage(metadata.MsgWriteRecordRequestSchema, {
    record: {
      name: output?.name ?? "",
      sessionId: common.sessionId,
      process: {
        processId: { case: "hash", value: contract.definition?.resourceLocation?.ref?.hash ?? "" },
        name: output?.classname ?? "",
        method: consideration.considerationName,
      },
      inputs: [...proposed, ...lineage].map((input) => ({
        name: input.name,
        typeName: input.typeName,
        source: { case: "hash" as const, value: input.hash },
        status: metadata.RecordInputStatus.PROPOSED,
      })),
      outputs: [{ hash: output?.hash ?? "", status: metadata.ResultStatus.PASS }],
    },
    signers: common.signers,
    parties: common.parties,
  });
}

/** The invoker if it has a role, else the OWNER, else the ORIGINATOR, else the first party. */
function valueOwner(contract: scope.Contract, parties: readonly metadata.Party[], invoker: string): string {
  const byRole = (role: number) => parties.find((party) => party.role === role)?.address;
  const found =
    parties.find((party) => party.address === invoker)?.address ??
    byRole(scope.PartyType.OWNER) ??
    byRole(scope.PartyType.ORIGINATOR) ??
    parties[0]?.address;
  if (found === undefined) {
    throw new P8eError("session.invalid", "a new scope needs a party that owns its value", {
      facts: { contract: contract.definition?.name ?? "" },
    });
  }
  return found;
}

/** The specification's bytes as a message. @throws `contract.invalid` */
export function decodeSpecification(bytes: Uint8Array): scope.ContractSpec {
  const code = "contract.invalid";
  return decodeMessage(scope.ContractSpecSchema, bytes, {
    what: "the contract specification",
    code,
    tooLargeCode: code,
  });
}

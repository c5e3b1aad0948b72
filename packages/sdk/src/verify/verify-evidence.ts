import {
  type AccountPrefix,
  metadataAddressFromBytes,
  metadataAddressParts,
  P8eError,
  roleFromNumber,
  type ScopeAddress,
} from "@p8e/core";
import { accountAddress, type PublicKey, publicKeyFromMessage } from "@p8e/crypto";
import { examineValues, type LoadedContract, planExecution } from "@p8e/engine";
import * as metadata from "@p8e/proto/metadata";
import * as scope from "@p8e/proto/scope";
import type { Evidence } from "../session/evidence.ts";

/** Bytes of the objects that a contract names, by hash. */
export type Objects = Parameters<typeof planExecution>[2];

/**
 * Whether evidence belongs to a session as the ledger has it: same scope and session, and the parties of the one are,
 * role by role, the parties of the other, all of whom signed.
 * @throws `verify.failed`, `signature.missing`
 */
export function requireSameSession(
  { envelope, contract }: Evidence,
  signers: readonly PublicKey[],
  session: metadata.Session,
  of: { readonly scope: ScopeAddress; readonly prefix: AccountPrefix },
): void {
  const { uuid, sessionUuid } = metadataAddressParts(metadataAddressFromBytes(session.sessionId));
  if (
    uuid !== metadataAddressParts(of.scope).uuid ||
    envelope.ref?.scopeUuid?.value !== uuid ||
    envelope.ref.sessionUuid?.value !== sessionUuid
  ) {
    throw new P8eError("verify.failed", "the evidence belongs to another session");
  }
  for (const { name, dataLocation } of contract.inputs) {
    if (dataLocation?.ref?.hash && dataLocation.ref.scopeUuid?.value !== uuid) {
      throw new P8eError("verify.failed", "the signed contract reads a record of another scope", {
        facts: { record: name },
      });
    }
  }
  const signed = new Set<string>(signers.map((signer) => accountAddress(signer, of.prefix)));
  for (const { address } of session.parties) {
    if (!signed.has(address)) {
      throw new P8eError("signature.missing", "a party of the session did not sign its contract", {
        facts: { party: address },
      });
    }
  }
  const onLedger = session.parties.map(({ address, role }) => `${address} as ${roleFromNumber(role) ?? role}`);
  const inContract = contract.recitals.map(({ signer, signerRole }) => {
    const key = signer?.signingPublicKey;
    const address = key === undefined ? "nobody" : accountAddress(publicKeyFromMessage(key), of.prefix);
    return `${address} as ${roleFromNumber(signerRole) ?? signerRole}`;
  });
  if (onLedger.toSorted().join() !== inContract.toSorted().join()) {
    throw new P8eError("verify.failed", "the session has other parties, or in other roles, than the signed contract", {
      facts: { ledger: onLedger, contract: inContract },
    });
  }
}

/**
 * Whether the signed contract is one that this code could have been given, run to its end: specification, functions,
 * parties, and the classes of all values.
 * @param objects the records of the scope that the contract read
 * @throws `verify.failed`, and as `planExecution` and `examineValues`
 */
export async function requireExecuted(
  contract: scope.Contract,
  loaded: LoadedContract,
  objects: Objects,
  signal?: AbortSignal,
): Promise<void> {
  await examineValues(planExecution(contract, loaded, objects).request, loaded, signal);
  const { PASS, SKIP } = scope.ExecutionResult_Result;
  for (const { considerationName, result } of contract.considerations) {
    if (result?.result !== PASS && result?.result !== SKIP) {
      throw new P8eError(
        "verify.failed",
        `the signed contract holds no result of the function "${considerationName}"`,
        {
          facts: { function: considerationName },
        },
      );
    }
  }
}

/**
 * From version 2 of the session's context on, what was signed says what each function was charged; before, nothing.
 * @throws `verify.failed`
 */
export function requireFuelNamed({ considerations }: scope.Contract, contextVersion: number | undefined): void {
  for (const { considerationName, result } of considerations) {
    const named = result !== undefined && result.fuel > 0n;
    const due = contextVersion !== 1 && result?.result === scope.ExecutionResult_Result.PASS;
    if (named === due) continue;
    const how = due ? "does not say what the function was charged" : "names fuel where none is charged";
    throw new P8eError("verify.failed", `the signed contract ${how}: "${considerationName}"`, {
      facts: { function: considerationName },
    });
  }
}

/**
 * The signed contract must say of a record what the ledger says, in every part and with nothing left out; and the code,
 * if it is at hand, must write such a record with such inputs.
 * @throws `verify.failed`
 */
export function requireRecorded(
  record: metadata.Record,
  contract: scope.Contract,
  loaded: LoadedContract | undefined,
): void {
  const [said, ...more] = contract.considerations.filter((each) => each.considerationName === record.process?.method);
  const output = said?.result?.output;
  const proposed = said?.inputs ?? [];
  const writes = loaded?.manifest.functions.find((each) => each.name === record.process?.method)?.writes;
  const same =
    said !== undefined &&
    more.length === 0 &&
    said.result?.result === scope.ExecutionResult_Result.PASS &&
    output?.name === record.name &&
    output.classname === record.process?.name &&
    record.outputs.length === 1 &&
    record.outputs[0]?.status === metadata.ResultStatus.PASS &&
    output.hash === record.outputs[0].hash &&
    contract.definition?.resourceLocation?.ref?.hash === processHash(record) &&
    (loaded === undefined || (writes?.name === output.name && writes.className === output.classname));
  if (!same) throw notSigned(record, "is not the one that was signed");

  const given = new Map<string, { readonly hash: string; readonly className: string }>();
  for (const { name, hash, classname } of proposed) given.set(name, { hash, className: classname });
  for (const { name, dataLocation } of contract.inputs) {
    const hash = dataLocation?.ref?.hash ?? "";
    if (hash !== "" && !given.has(name)) given.set(name, { hash, className: dataLocation?.classname ?? "" });
  }
  for (const input of record.inputs) {
    const found = given.get(input.name);
    if (input.source.case !== "hash" || found?.hash !== input.source.value || found.className !== input.typeName) {
      throw notSigned(record, `has the input "${input.name}" otherwise than it was signed`);
    }
  }
  const names = new Set(record.inputs.map((input) => input.name));
  const wanted = [...proposed.map((input) => input.name), ...lineageOf(record, loaded)];
  const exact = loaded === undefined || wanted.length === names.size;
  if (names.size !== record.inputs.length || !exact || wanted.some((name) => !names.has(name))) {
    throw notSigned(record, "does not name exactly the inputs that were signed");
  }
}

function lineageOf(record: metadata.Record, loaded: LoadedContract | undefined): readonly string[] {
  return loaded?.manifest.functions.find((each) => each.name === record.process?.method)?.lineage ?? [];
}

function notSigned(record: metadata.Record, how: string): P8eError {
  return new P8eError("verify.failed", `the ledger's record "${record.name}" ${how}`, {
    facts: { record: record.name },
  });
}

/** The hash of the code that a record says made it; "" when it names none. */
export function processHash(record: metadata.Record): string {
  return record.process?.processId.case === "hash" ? record.process.processId.value : "";
}

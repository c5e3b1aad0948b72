import { fromBinary } from "@bufbuild/protobuf";
import type { ChainClient } from "@p8e/chain";
import { parseContractTypes } from "@p8e/contract";
import {
  type ContractSpecificationAddress,
  type ErrorCode,
  type Facts,
  metadataAddressFromBytes,
  metadataAddressParts,
  P8eError,
  parseContentHash,
  type ScopeAddress,
  type ScopeSpecificationAddress,
} from "@p8e/core";
import { accountAddress, type KeyReference } from "@p8e/crypto";
import type { Sandbox } from "@p8e/engine";
import type { ObjectClient } from "@p8e/object-client";
import type { metadata, scope } from "@p8e/proto";
import { decodeEvidence, verifyEvidence } from "../session/evidence.ts";
import { fetchContract, specificationHash } from "../session/find-contract.ts";
import { evidenceHashOf } from "../session/memorialize-messages.ts";
import { readScope, type ScopeSnapshot } from "../session/scope-snapshot.ts";

/** One thing that was looked at. */
export interface Finding {
  /** `record "loan"`, `input "loan" of record "loan"`, `contract code`, `evidence` … */
  readonly what: string;
  readonly ok: boolean;
  /** In words, what holds or what does not. */
  readonly says: string;
  readonly code?: ErrorCode;
  readonly facts?: Facts;
}

export interface Verification {
  readonly scope: ScopeAddress;
  readonly ok: boolean;
  readonly findings: readonly Finding[];
}

export interface Verifier {
  readonly chain: ChainClient;
  /** The reader's own store. */
  readonly store: ObjectClient;
  readonly key: KeyReference;
  readonly sandbox: Sandbox;
}

/**
 * Compares everything the ledger says about a scope with what lies in the reader's own store: records, their inputs, the
 * contract that made them, and the evidence of each session with all signatures. It stops at nothing: each fault is a
 * finding of its own. Only what was checked from end to end counts as ok.
 *
 * @throws `ledger.not_found` when there is no such scope, and when the ledger cannot be asked
 */
export async function verifyScope(
  verifier: Verifier,
  address: ScopeAddress,
  options: { readonly signal?: AbortSignal; readonly onFinding?: (finding: Finding) => void } = {},
): Promise<Verification> {
  const signal = options.signal === undefined ? {} : { signal: options.signal };
  const snapshot = await readScope(verifier.chain, address, signal);
  const findings: Finding[] = [];
  const look = async (what: string, work: () => Promise<string>): Promise<boolean> => {
    let finding: Finding;
    try {
      finding = { what, ok: true, says: await work() };
    } catch (thrown) {
      const error = P8eError.from(thrown);
      if (error.code === "rpc.cancelled" || error.code.startsWith("ledger.unavailable")) throw error;
      finding = { what, ok: false, says: error.message, code: error.code, facts: error.facts };
    }
    findings.push(finding);
    options.onFinding?.(finding);
    return finding.ok;
  };
  const context = { ...verifier, snapshot, look, signal };
  for (const session of snapshot.sessions) await verifySession(context, session);
  if (snapshot.sessions.length === 0) {
    await look("sessions", async () => {
      throw new P8eError("verify.failed", "the scope has no session: nothing says how it came to be");
    });
  }
  return { scope: address, ok: findings.every((finding) => finding.ok), findings };
}

interface Context extends Verifier {
  readonly snapshot: ScopeSnapshot;
  readonly look: (what: string, work: () => Promise<string>) => Promise<boolean>;
  readonly signal: { readonly signal?: AbortSignal };
}

async function verifySession(context: Context, session: metadata.Session): Promise<void> {
  const { look, snapshot } = context;
  const records = snapshot.records.filter((each) => Buffer.from(each.sessionId).equals(session.sessionId));
  const contract = metadataAddressFromBytes(session.specificationId) as ContractSpecificationAddress;
  let types: ReturnType<typeof parseContractTypes> | undefined;
  await look(`contract ${session.name}`, async () => {
    const loaded = await verifyContract(context, contract);
    types = loaded.types;
    const foreign = records.find((record) => processHash(record) !== loaded.manifest.bundle.hash);
    if (foreign !== undefined) {
      throw new P8eError("verify.failed", `the record "${foreign.name}" names other code than its contract's`, {
        facts: { record: foreign.name, expected: loaded.manifest.bundle.hash, found: processHash(foreign) },
      });
    }
    return "the code has the hash its specification names, and describes itself as the ledger does";
  });
  for (const record of records) {
    for (const [index, output] of record.outputs.entries()) {
      const name =
        record.outputs.length === 1 ? `record "${record.name}"` : `output ${index + 1} of record "${record.name}"`;
      await look(name, async () => {
        const bytes = await fetchHash(context, output.hash);
        const className = record.process?.name ?? "";
        if (types !== undefined) fromBinary(types.messageOfClass(className), bytes);
        return `its ${bytes.length} bytes have the hash on the ledger, and are a ${className}`;
      });
    }
    for (const input of record.inputs) {
      await look(`input "${input.name}" of record "${record.name}"`, async () => {
        if (input.source.case !== "hash") throw new P8eError("verify.failed", "the input names no hash");
        const bytes = await fetchHash(context, input.source.value);
        return `its ${bytes.length} bytes have the hash on the ledger`;
      });
    }
  }
  await look(`evidence of session ${session.name}`, () => verifySessionEvidence(context, session, records));
}

async function verifyContract(context: Context, address: ContractSpecificationAddress) {
  const { chain, snapshot } = context;
  const view = await chain.metadata.contractSpecification(address, context.signal);
  if (view === undefined) {
    throw new P8eError("contract.not_published", "the ledger does not have this contract's specification any more", {
      facts: { contract: address },
    });
  }
  const scopeSpecification = metadataAddressFromBytes(
    snapshot.response.scope!.scope!.specificationId,
  ) as ScopeSpecificationAddress;
  const allowed = await chain.metadata.scopeSpecification(scopeSpecification, context.signal);
  const uuid = metadataAddressParts(address).uuid;
  const linked = allowed?.specification.contractSpecIds.some(
    (id) => metadataAddressParts(metadataAddressFromBytes(id)).uuid === uuid,
  );
  if (linked !== true) {
    throw new P8eError("contract.not_published", "the scope's specification does not allow this contract", {
      facts: { contract: address, scopeSpecification },
    });
  }
  const loaded = await fetchContract(context, specificationHash(view), context.signal);
  const stored = await context.store.getBytes(loaded.manifest.types.hash, { key: context.key, ...context.signal });
  parseContractTypes(stored);
  return loaded;
}

async function verifySessionEvidence(
  context: Context,
  session: metadata.Session,
  records: readonly metadata.Record[],
): Promise<string> {
  const hash = evidenceHashOf(session.context);
  if (hash === undefined) {
    throw new P8eError("signature.missing", "the session names no evidence: who signed it cannot be checked", {
      facts: { session: session.name },
    });
  }
  const evidence = decodeEvidence(await context.store.getBytes(hash, { key: context.key, ...context.signal }));
  const signers = verifyEvidence(evidence);
  const { envelope } = evidence;
  const parts = metadataAddressParts(metadataAddressFromBytes(session.sessionId));
  if (envelope.ref?.scopeUuid?.value !== parts.uuid || envelope.ref.sessionUuid?.value !== parts.sessionUuid) {
    throw new P8eError("verify.failed", "the evidence belongs to another session");
  }
  const prefix = context.chain.accountPrefix;
  for (const party of session.parties) {
    if (!signers.some((signer) => accountAddress(signer, prefix) === party.address)) {
      throw new P8eError("signature.missing", "a party of the session did not sign its contract", {
        facts: { party: party.address },
      });
    }
  }
  for (const record of records) requireRecorded(record, envelope.contract!);
  return `signed by ${signers.map((signer) => accountAddress(signer, prefix)).join(", ")}; names these records and inputs`;
}

/** The signed contract must say of a record what the ledger says. */
function requireRecorded(record: metadata.Record, contract: scope.Contract): void {
  const said = contract.considerations.find((each) => each.considerationName === record.process?.method);
  const output = said?.result?.output;
  const inputs = new Map(said?.inputs.map((input) => [input.name, input.hash]));
  for (const { name, dataLocation } of contract.inputs) {
    if (!inputs.has(name)) inputs.set(name, dataLocation?.ref?.hash ?? "");
  }
  const same =
    output?.name === record.name &&
    output.classname === record.process?.name &&
    record.outputs.length === 1 &&
    output.hash === record.outputs[0]?.hash &&
    contract.definition?.resourceLocation?.ref?.hash === processHash(record) &&
    record.inputs.every((input) => input.source.case === "hash" && inputs.get(input.name) === input.source.value);
  if (!same) {
    throw new P8eError("verify.failed", `the ledger's record "${record.name}" is not the one that was signed`, {
      facts: { record: record.name },
    });
  }
}

async function fetchHash(context: Context, text: string): Promise<Uint8Array> {
  const hash = parseContentHash(text);
  return await context.store.getBytes(hash, { key: context.key, ...context.signal });
}

function processHash(record: metadata.Record): string {
  return record.process?.processId.case === "hash" ? record.process.processId.value : "";
}

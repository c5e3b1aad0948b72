import type { ChainClient } from "@p8e/chain";
import {
  type AccountPrefix,
  type ContentHash,
  type ContractSpecificationAddress,
  equalBytes,
  hexEncode,
  metadataAddressFromBytes,
  metadataAddressParts,
  P8eError,
  parseContentHash,
  roleFromNumber,
  type ScopeAddress,
  type ScopeSpecificationAddress,
} from "@p8e/core";
import { accountAddress, type KeyReference, type PublicKey, publicKeyFromMessage } from "@p8e/crypto";
import { examineMessage } from "@p8e/decoding";
import type { LoadedContract, Sandbox } from "@p8e/engine";
import type { ObjectClient } from "@p8e/object-client";
import type * as metadata from "@p8e/proto/metadata";
import type * as scope from "@p8e/proto/scope";
import { openAgreementEvidence } from "../agreement/agreement-evidence.ts";
import { decodeEvidence, verifyEvidence } from "../session/evidence.ts";
import { AGREEMENT_CONTEXT_VERSION, evidenceHashOf } from "../session/evidence-context.ts";
import { fetchContractCode, isArchive, loadContractCode, specificationHash } from "../session/find-contract.ts";
import { readScope, type ScopeSnapshot } from "../session/scope-snapshot.ts";
import { type Finding, find, type Outcome, worstOutcome } from "./outcome.ts";
import {
  type Objects,
  processHash,
  requireExecuted,
  requireFuelNamed,
  requireRecorded,
  requireSameSession,
} from "./verify-evidence.ts";

/** What verifying a scope found. */
export interface Verification {
  readonly scope: ScopeAddress;
  /** The worst that was found: broken, then not shown, then unchecked. */
  readonly outcome: Outcome;
  /** Whether the outcome is `holds`: every single finding does. */
  readonly ok: boolean;
  readonly findings: readonly Finding[];
}

/** Who looks: with which node, store and key. */
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
 * finding of its own. Only what was checked from end to end holds; what the store does not show to this reader, and what
 * cannot be checked (no evidence, code that is an archive), is told apart from what is broken.
 *
 * @throws `ledger.not_found` when there is no such scope; `ledger.unavailable`, `rpc.unavailable`, `store.unavailable` and
 *   the like when ledger or store cannot be asked
 */
export async function verifyScope(
  verifier: Verifier,
  address: ScopeAddress,
  options: { readonly signal?: AbortSignal | undefined; readonly onFinding?: (finding: Finding) => void } = {},
): Promise<Verification> {
  const signal = { signal: options.signal };
  const snapshot = await readScope(verifier.chain, address, signal);
  const findings: Finding[] = [];
  const look = async (what: string, work: () => Promise<string>): Promise<void> => {
    const finding = await find(what, work);
    findings.push(finding);
    options.onFinding?.(finding);
  };
  const context = { ...verifier, snapshot, look, signal };
  for (const session of snapshot.sessions) await verifySession(context, session);
  const known = new Set(snapshot.sessions.map((session) => hexEncode(session.sessionId)));
  for (const record of snapshot.records) {
    if (known.has(hexEncode(record.sessionId))) continue;
    await look(`record "${record.name}"`, async () => {
      throw new P8eError("verify.failed", "its session is not among the scope's: nothing says how it came to be");
    });
  }
  if (snapshot.sessions.length === 0) {
    await look("sessions", async () => {
      throw new P8eError("verify.unchecked", "the scope has no session: nothing says how it came to be");
    });
  }
  const outcome = worstOutcome(findings);
  return { scope: address, outcome, ok: outcome === "holds", findings };
}

interface Context extends Verifier {
  readonly snapshot: ScopeSnapshot;
  readonly look: (what: string, work: () => Promise<string>) => Promise<void>;
  readonly signal: { readonly signal?: AbortSignal | undefined };
}

async function verifySession(context: Context, session: metadata.Session): Promise<void> {
  const { look, snapshot } = context;
  const records = snapshot.records.filter((each) => equalBytes(each.sessionId, session.sessionId));
  let loaded: LoadedContract | undefined;
  await look(`contract ${session.name}`, async () => {
    const found = await verifyContract(context, session);
    loaded = found;
    const foreign = records.find((record) => processHash(record) !== found.manifest.bundle.hash);
    if (foreign !== undefined) {
      throw new P8eError("verify.failed", `the record "${foreign.name}" names other code than its contract's`, {
        facts: { record: foreign.name, expected: found.manifest.bundle.hash, found: processHash(foreign) },
      });
    }
    return "the code has the hash its specification names, and describes itself as the ledger does";
  });
  /** Without the contract nobody knows the types, and the finding must not claim one. */
  const lookAtValue = (what: string, hashOf: () => string, className: string) =>
    look(what, async () => {
      const bytes = await fetchHash(context, hashOf());
      const held = `its ${bytes.length} bytes have the hash on the ledger`;
      if (loaded === undefined) return `${held}; of which type they are cannot be said without the contract`;
      const typeName = await requireType(loaded, className, bytes, context.signal.signal);
      return `${held}, and are a ${typeName}`;
    });
  for (const record of records) {
    for (const [index, output] of record.outputs.entries()) {
      const name =
        record.outputs.length === 1 ? `record "${record.name}"` : `output ${index + 1} of record "${record.name}"`;
      await lookAtValue(name, () => output.hash, record.process?.name ?? "");
    }
    for (const { name, source, typeName } of record.inputs) {
      const hashOf = () => {
        if (source.case === "hash") return source.value;
        throw new P8eError("verify.failed", "the input names no hash");
      };
      await lookAtValue(`input "${name}" of record "${record.name}"`, hashOf, typeName);
    }
  }
  await look(`evidence of session ${session.name}`, () => verifySessionEvidence(context, session, records, loaded));
}

/** What the type that the ledger names is called in protobuf; the bytes are of it. */
async function requireType(
  { types }: LoadedContract,
  className: string,
  bytes: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<string> {
  const schema = types.messageOfClass(className);
  const { typeName } = schema;
  const what = `the ${typeName}`;
  try {
    await examineMessage(schema, bytes, { what }, { types: () => types.bytes, signal });
    return typeName;
  } catch (cause) {
    const { code, message, facts } = P8eError.from(cause);
    // Of the reading, not of the bytes.
    if (code !== "input.too_large" && code !== "input.invalid") throw cause;
    // Readers differ on it, or it is more than is read here: nobody can say that it was forged.
    if (code === "input.too_large" || facts.readersDiffer === true) {
      throw new P8eError("verify.unchecked", `the bytes cannot be read as a ${typeName}: ${message}`, {
        cause,
        facts: { className, ...facts },
      });
    }
    throw new P8eError("verify.failed", `the bytes are not a ${typeName}`, { cause, facts: { className, ...facts } });
  }
}

async function verifyContract(context: Context, session: metadata.Session): Promise<LoadedContract> {
  const { chain, snapshot } = context;
  const address = metadataAddressFromBytes(session.specificationId) as ContractSpecificationAddress;
  const view = await chain.metadata.contractSpecification(address, context.signal);
  if (view === undefined) {
    throw new P8eError("verify.unchecked", "the ledger does not have this contract's specification any more", {
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
  const loaded = await loadOwnContract(context, specificationHash(view));
  // What has this hash is what the code has just described.
  await context.store.getBytes(loaded.manifest.types.hash, { key: context.key, ...context.signal });
  const { className } = loaded.manifest;
  if (session.name !== className || view.specification.className !== className) {
    throw new P8eError("verify.failed", "the ledger calls the contract otherwise than its code does", {
      facts: { session: session.name, specification: view.specification.className, code: className },
    });
  }
  return loaded;
}

/** @throws as `fetchContract`, and `verify.unchecked` when the code is an archive: such contracts are the JVM's */
async function loadOwnContract(context: Context, hash: ContentHash): Promise<LoadedContract> {
  const code = await fetchContractCode(context, hash, context.signal);
  if (isArchive(code.bundle)) {
    throw new P8eError(
      "verify.unchecked",
      "the code has its hash, but is an archive for the JVM, which cannot run here",
      {
        facts: { code: code.bundleHash },
      },
    );
  }
  return await loadContractCode(context, code, { ...context.signal, older: true });
}

async function verifySessionEvidence(
  context: Context,
  session: metadata.Session,
  records: readonly metadata.Record[],
  loaded: LoadedContract | undefined,
): Promise<string> {
  const hash = evidenceHashOf(session.context);
  if (hash === undefined) {
    throw new P8eError("verify.unchecked", "the session names no evidence: who signed it cannot be checked", {
      facts: { session: session.name },
    });
  }
  const stored = await fetchHash(context, hash);
  const agreed = session.context[0] === AGREEMENT_CONTEXT_VERSION;
  const evidence = decodeEvidence(agreed ? openAgreementEvidence(stored) : stored);
  const signers = verifyEvidence(evidence);
  const prefix = context.chain.accountPrefix;
  requireSameSession(evidence, signers, session, { scope: context.snapshot.address, prefix });
  const { contract } = evidence;
  if (loaded !== undefined) {
    await requireExecuted(contract, loaded, await recordsRead(context, contract), context.signal.signal);
  }
  requireFuelNamed(contract, session.context[0]);
  for (const record of records) requireRecorded(record, contract, loaded);
  const signed = `signed by ${signersInRoles(contract, signers, prefix).join(", ")}`;
  return agreed
    ? `${signed}, who agreed to this session; names these records and inputs`
    : `${signed}; names these records and inputs`;
}

/** `tp1… as OWNER and SERVICER`: each signer once, as all that it is in the contract. */
function signersInRoles(
  { recitals }: scope.Contract,
  signers: readonly PublicKey[],
  prefix: AccountPrefix,
): readonly string[] {
  const addresses = new Set(signers.map((signer) => accountAddress(signer, prefix)));
  return [...addresses].map((address) => {
    const roles = recitals.flatMap(({ signer, signerRole }) => {
      const key = signer?.signingPublicKey;
      const isHis = key !== undefined && accountAddress(publicKeyFromMessage(key), prefix) === address;
      return isHis ? [roleFromNumber(signerRole) ?? String(signerRole)] : [];
    });
    if (roles.length === 0) return address;
    const [last, ...before] = roles.toReversed();
    return `${address} as ${before.length === 0 ? last : `${before.toReversed().join(", ")} and ${last}`}`;
  });
}

/** What the contract read of the scope as it was then. */
async function recordsRead(context: Context, contract: scope.Contract): Promise<Objects> {
  const objects = new Map<ContentHash, Uint8Array>();
  for (const { dataLocation } of contract.inputs) {
    const text = dataLocation?.ref?.hash ?? "";
    if (text !== "") objects.set(parseContentHash(text), await fetchHash(context, text));
  }
  return objects;
}

async function fetchHash(context: Context, text: string): Promise<Uint8Array> {
  const hash = parseContentHash(text);
  return await context.store.getBytes(hash, { key: context.key, ...context.signal });
}

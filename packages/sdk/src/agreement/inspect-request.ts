import { create } from "@bufbuild/protobuf";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import {
  type CallOptions,
  type ContentHash,
  contentHashToBytes,
  contractSpecificationAddress,
  hasCode,
  P8eError,
  parseContentHash,
  parseUuid,
  type Role,
  retry,
  roleFromNumber,
  scopeAddress,
  scopeSpecificationAddress,
  uuidFromBytes,
} from "@p8e/core";
import { publicKeyFromMessage } from "@p8e/crypto";
import { executeContract, type PassedResult, type SkippedResult } from "@p8e/engine";
import * as scope from "@p8e/proto/scope";
import type { PartyParts } from "../parts.ts";
import type { Affiliate } from "../session/affiliate.ts";
import { type FoundContract, findContract } from "../session/find-contract.ts";
import { locatedOutcome } from "../session/located-outcome.ts";
import {
  type PackagedSession,
  packageSession,
  recordsBefore,
  type ScopeOfSession,
} from "../session/package-session.ts";
import { readScope } from "../session/scope-snapshot.ts";
import { requireUnchanged, scopeChanged } from "../session/scope-unchanged.ts";
import { requestOf } from "./agreement-mail.ts";
import type { Approval } from "./approval.ts";
import { requireSameExecution } from "./check-reply.ts";
import { type NeededSignature, neededSignatures } from "./needed-signatures.ts";
import {
  differs,
  readSignedEnvelope,
  requireSameAround,
  requireSameContract,
  type SignedEnvelope,
  unexecuted,
} from "./request-envelope.ts";

/** A request that was looked through and executed here, with the same results: what may be signed, and what it says. */
export interface Inspection {
  readonly approval: Approval;
  /** As the invoker sent it, its signature verified. */
  readonly theirs: SignedEnvelope;
  readonly contract: FoundContract;
  /** The session as this party would package it from the ledger and its own store; its proposals hold their bytes. */
  readonly packaged: PackagedSession;
  /** Bytes of every record and proposal that the contract was given, by hash. */
  readonly objects: ReadonlyMap<ContentHash, Uint8Array>;
  /** Of this party's own execution. */
  readonly results: readonly (PassedResult | SkippedResult)[];
  /** Everybody whose signature is needed, the invoker included. */
  readonly signers: readonly NeededSignature[];
}

/** How long an object may be on its way from the invoker's store. */
const OBJECTS_MS = 15_000;
/** How far the invoker's clock may be from ours: that is the time the contract sees. */
const BEHIND_MOST_MS = 24 * 3600_000;
const AHEAD_MOST_MS = 5 * 60_000;

/** How an inspection is stopped, and how long it waits. */
export interface InspectOptions extends Pick<CallOptions, "signal"> {
  /** How long objects are waited for that this party's store does not have yet; 15 seconds unless given. */
  readonly waitMs?: number | undefined;
}

/**
 * Checks a request against the ledger and the own store, and executes its contract here. Nothing is signed. What the
 * request says is not taken on trust: the session is packaged again from what this party knows, and must be the same.
 *
 * @throws `session.differs` naming the field, `session.result_differs`, `contract.metering_differs`; `state.conflict` when
 *   the scope has changed since; `session.expired`; `object.not_found` with the hash that the own store lacks;
 *   `contract.…` when it may not run here, or refuses
 */
export function inspectRequest(
  parts: PartyParts,
  approval: Approval,
  options: InspectOptions = {},
): Promise<Inspection> {
  const { signal, waitMs = OBJECTS_MS } = options;
  const when = (error: unknown) => hasCode(error, "object.not_found");
  return retry(() => inspectOnce(parts, approval, { signal }), {
    forMs: waitMs,
    firstMs: 100,
    mostMs: 2000,
    when,
    signal,
  });
}

async function inspectOnce(
  parts: PartyParts,
  approval: Approval,
  options: Pick<CallOptions, "signal">,
): Promise<Inspection> {
  const { network, party, sandbox, nowMs, store, state } = parts;
  const theirs = readSignedEnvelope(requestOf(approval.request).envelope);
  const { envelope, contract } = theirs;
  if (nowMs() >= theirs.deadlineMs) {
    throw new P8eError("session.expired", "the deadline of the session has passed", {
      facts: { execution: theirs.executionUuid },
    });
  }
  requireSaneClock(contract, approval.receivedAtMs);
  const of = await scopeOf(parts, theirs, options);
  const specification = parseContentHash(contract.spec?.dataLocation?.ref?.hash ?? "");
  const address = contractSpecificationAddress(uuidFromBytes(contentHashToBytes(specification).subarray(0, 16)));
  const scopeSpecification = scopeSpecificationAddress(of.specificationUuid);
  const found = await findContract(
    { ...parts, key: party.encryption },
    { contract: address, scopeSpecification },
    options,
  );

  const objects = new Map<ContentHash, Uint8Array>();
  const fetch = async (text: string) => {
    const hash = parseContentHash(text);
    const bytes = objects.get(hash) ?? (await store.getBytes(hash, { key: party.encryption, ...options }));
    objects.set(hash, bytes);
    return bytes;
  };
  const proposals = new Map<string, { readonly className: string; readonly bytes: Uint8Array }>();
  for (const { inputs } of contract.considerations) {
    for (const { name, hash, classname } of inputs)
      proposals.set(name, { className: classname, bytes: await fetch(hash) });
  }
  const packaged = packageSession({
    contract: { hash: found.specification.hash, specification: found.specification.message },
    scope: of,
    ...{ sessionUuid: theirs.sessionUuid, executionUuid: theirs.executionUuid },
    invoker: affiliateIn(contract.invoker),
    participants: participantsOf(contract),
    proposals,
    dataAccess: envelope.dataAccess.map((key) => {
      const publicKey = publicKeyFromMessage(key);
      return { signingKey: publicKey, encryptionKey: publicKey };
    }),
    startTime: contract.startTime!,
    expirationTime: envelope.expirationTime!,
    mainNet: network.mainNet,
  });
  requireSameContract(packaged.envelope.contract!, contract, "the request");
  requireSameAround(packaged.envelope, envelope, "the request");

  for (const { hash } of packaged.inputs) await fetch(hash);
  const outcome = await executeContract(
    sandbox,
    {
      ...{ contract: unexecuted(contract), loaded: found, objects },
      // Nothing is signed before somebody has said yes.
      sign: async () => create(scope.SignatureSchema),
      ...(of.kind === "new"
        ? {}
        : {
            scope: {
              uuid: of.uuid,
              records: recordsBefore(
                of,
                found.manifest.functions.map((each) => each.writes.name),
              ),
            },
          }),
    },
    options,
  );
  if (outcome.kind === "failed") throw await locatedOutcome(outcome, found, state);
  requireSameExecution({ ...theirs, contract: outcome.contract, contractBytes: outcome.contractBytes }, theirs);
  const signers = neededSignatures(envelope, network.accountPrefix);
  return { approval, theirs, contract: found, packaged, objects, results: outcome.results, signers };
}

function requireSaneClock({ startTime }: scope.Contract, receivedAtMs: number): void {
  const startMs = startTime === undefined ? Number.NaN : timestampMs(startTime);
  if (startMs >= receivedAtMs - BEHIND_MOST_MS && startMs <= receivedAtMs + AHEAD_MOST_MS) return;
  throw differs("start time", "the request", { found: String(startMs), expected: `about ${receivedAtMs}` });
}

/** The scope as the ledger has it now, which must be what the invoker saw. */
async function scopeOf(
  { chain }: PartyParts,
  { envelope, scopeUuid }: SignedEnvelope,
  options: Pick<CallOptions, "signal">,
): Promise<ScopeOfSession> {
  const address = scopeAddress(scopeUuid);
  if (envelope.newScope) {
    if ((await chain.metadata.scope(address, options)) !== undefined) throw scopeChanged(address);
    return { kind: "new", uuid: scopeUuid, specificationUuid: parseUuid(envelope.scopeSpecUuid?.value ?? "") };
  }
  const { specificationUuid, response } = await readScope(chain, address, options);
  requireUnchanged(envelope, response);
  // Who else may read, the envelope says itself; who owns it, needs no key here.
  const nobody = { owners: [], dataAccess: [], formerParties: [] };
  return { kind: "existing", uuid: scopeUuid, specificationUuid, snapshot: response, ...nobody };
}

function participantsOf({ recitals }: scope.Contract): ReadonlyMap<Role, Affiliate> {
  const participants = new Map<Role, Affiliate>();
  for (const { signerRole, signer } of recitals) {
    const role = roleFromNumber(signerRole);
    if (role === undefined || participants.has(role)) throw differs("recitals", "the request", {});
    participants.set(role, affiliateIn(signer));
  }
  return participants;
}

function affiliateIn(keys: scope.SigningAndEncryptionPublicKeys | undefined): Affiliate {
  if (keys?.signingPublicKey === undefined || keys.encryptionPublicKey === undefined) {
    throw differs("recitals", "the request", {});
  }
  return {
    signingKey: publicKeyFromMessage(keys.signingPublicKey),
    encryptionKey: publicKeyFromMessage(keys.encryptionPublicKey),
  };
}

import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { type ChainClient, type LedgerSigner, ledgerSigner, type TransactionCost } from "@p8e/chain";
import {
  type AccountAddress,
  type ContentHash,
  hashContent,
  metadataAddressParts,
  type Network,
  P8eError,
  parseContentHash,
  parseUuid,
  type RandomBytes,
  randomUuid,
  scopeSpecificationAddress,
  type Uuid,
} from "@p8e/core";
import { signMessage } from "@p8e/crypto";
import { executeContract, type Sandbox } from "@p8e/engine";
import type { ObjectClient } from "@p8e/object-client";
import type { scope } from "@p8e/proto";
import {
  applyPublication,
  type PublicationPlan,
  type PublicationRequest,
  type PublicationResult,
  planPublication,
} from "./publish/publication.ts";
import { type AffiliateDirectory, affiliateOf, type LocalParty, requireAffiliate } from "./session/affiliate.ts";
import { encodeEvidence } from "./session/evidence.ts";
import { type FoundContract, findContract } from "./session/find-contract.ts";
import { memorializeMessages } from "./session/memorialize-messages.ts";
import {
  type Outbox,
  type ResumedExecution,
  type ResumeOptions,
  resumeExecutions,
  writeToLedger,
} from "./session/outbox.ts";
import { type PackagedSession, packageSession, recordsBefore } from "./session/package-session.ts";
import { readScope } from "./session/scope-snapshot.ts";
import type {
  ExecutedSession,
  MemorializedSession,
  NewSession,
  PreparedSession,
  SessionOptions,
} from "./session/session.ts";
import { shareObjects } from "./session/share-objects.ts";
import type { StateStore } from "./state/execution.ts";

export interface ClientOptions {
  readonly party: LocalParty;
  /** The chain that `chain` speaks to. */
  readonly network: Network;
  readonly store: ObjectClient;
  readonly chain: ChainClient;
  readonly sandbox: Sandbox;
  /** Remembers executions; a client without memory could write a session twice after a crash. */
  readonly state: StateStore;
  readonly directory: AffiliateDirectory;
  /** Whose contracts may run here; any that a scope's specification allows when absent. */
  readonly allowedPublishers?: readonly AccountAddress[];
  readonly random: RandomBytes;
  readonly nowMs: () => number;
}

const EXPIRATION_MS = 24 * 3600_000;

/** One party's side of contracts: publish, run sessions, write them to the ledger. */
export class P8eClient {
  readonly options: ClientOptions;
  readonly signer: LedgerSigner;

  constructor(options: ClientOptions) {
    this.options = options;
    this.signer = ledgerSigner(options.party.signing, options.network.accountPrefix);
  }

  planPublication(
    request: PublicationRequest,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<PublicationPlan> {
    return planPublication({ chain: this.options.chain, signer: this.signer }, request, options);
  }

  publish(plan: PublicationPlan, options: SessionOptions = {}): Promise<PublicationResult> {
    const { party, store, chain } = this.options;
    const { signal, onCost } = options;
    return applyPublication({ party, signer: this.signer, store, chain }, plan, {
      ...(signal === undefined ? {} : { signal }),
      ...(onCost === undefined ? {} : { onCost }),
    });
  }

  /**
   * Finds a contract that may run on a scope, without running it.
   * @throws `contract.not_published`, `contract.bundle_corrupt`, `ledger.not_found`
   */
  async find(
    contract: string,
    at: NewSession["scope"],
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<FoundContract> {
    const { chain, party } = this.options;
    const scopeSpecification =
      at.kind === "new"
        ? at.specification
        : scopeSpecificationAddress((await readScope(chain, at.address, options)).specificationUuid);
    return findContract({ ...this.options, key: party.encryption }, { contract, scopeSpecification }, options);
  }

  /**
   * Finds the contract, reads the scope, and checks everything that can be checked before a contract runs.
   * @throws `contract.not_published`, `contract.bundle_corrupt`, `ledger.not_found`, `session.…` (all faults at once)
   */
  async prepare(request: NewSession, options: SessionOptions = {}): Promise<PreparedSession> {
    const { chain, party, random, nowMs } = this.options;
    const signal = options.signal === undefined ? {} : { signal: options.signal };
    const existing =
      request.scope.kind === "existing" ? await readScope(chain, request.scope.address, signal) : undefined;
    const specification =
      request.scope.kind === "new"
        ? request.scope.specification
        : scopeSpecificationAddress(existing!.specificationUuid);
    const contract = await findContract(
      { ...this.options, key: party.encryption },
      { contract: request.contract, scopeSpecification: specification },
      signal,
    );
    const resolve = (address: AccountAddress) => requireAffiliate(this.options.directory, address);
    const executionUuid = randomUuid(random);
    const packaged = packageSession({
      contract: { hash: contract.specification.hash, specification: contract.specification.message },
      scope:
        request.scope.kind === "new"
          ? {
              kind: "new",
              uuid: request.scope.uuid ?? randomUuid(random),
              specificationUuid: metadataAddressParts(specification).uuid,
            }
          : {
              kind: "existing",
              uuid: existing!.uuid,
              specificationUuid: existing!.specificationUuid,
              snapshot: existing!.response,
              owners: await Promise.all(existing!.owners.map(resolve)),
              dataAccess: await Promise.all(existing!.dataAccess.map(resolve)),
            },
      sessionUuid: request.sessionUuid ?? randomUuid(random),
      executionUuid,
      invoker: affiliateOf(party),
      participants: request.participants,
      proposals: request.proposals,
      dataAccess: request.dataAccess ?? [],
      startTime: timestampFromMs(nowMs()),
      expirationTime: timestampFromMs(nowMs() + EXPIRATION_MS),
      mainNet: this.options.network.mainNet,
    });
    this.#requireAlone(packaged);
    return { contract, packaged, executionUuid };
  }

  /**
   * Runs the contract in the sandbox and signs the result. Nothing is stored: what a contract refuses leaves no trace
   * outside this process.
   * @throws `contract.failed` with the facts `rule` and `field` when a rule does not hold; `contract.…`, `session.…`
   */
  async execute(prepared: PreparedSession, options: SessionOptions = {}): Promise<ExecutedSession> {
    const { sandbox, party, network, store } = this.options;
    const { packaged, contract } = prepared;
    const signal = options.signal === undefined ? {} : { signal: options.signal };
    const objects = new Map<ContentHash, Uint8Array>();
    for (const proposal of packaged.proposals) objects.set(proposal.hash, proposal.bytes);
    for (const input of packaged.inputs) {
      const hash = parseContentHash(input.hash);
      objects.set(hash, await store.getBytes(hash, { key: party.encryption, ...signal }));
    }
    const outcome = await executeContract(
      sandbox,
      {
        contract: packaged.envelope.contract!,
        loaded: contract,
        objects,
        sign: (bytes) => signMessage(party.signing, bytes),
        ...existingOf(packaged, contract),
      },
      signal,
    );
    if (outcome.kind === "failed") throw outcome.error;
    const envelope = structuredEnvelope(packaged.envelope, outcome.contract, outcome.signature);
    const bytes = encodeEvidence(envelope);
    const evidence = { hash: hashContent(bytes), bytes };
    const messages = memorializeMessages(envelope, contract.specification.message, {
      prefix: network.accountPrefix,
      evidence: evidence.hash,
    });
    return { prepared, results: outcome.results, envelope, evidence, messages };
  }

  /** What memorializing will cost. The node tries the messages, so a refusal shows here, before anything is stored. */
  price(executed: ExecutedSession, options: SessionOptions = {}): Promise<TransactionCost> {
    return this.options.chain.estimate(
      executed.messages,
      [this.signer],
      options.signal === undefined ? {} : { signal: options.signal },
    );
  }

  /**
   * Stores inputs, outputs and evidence for the session's audience, then writes scope, session and records in one
   * transaction. After a crash, {@link resume} completes what was begun.
   */
  async memorialize(executed: ExecutedSession, options: SessionOptions = {}): Promise<MemorializedSession> {
    const { state } = this.options;
    const { packaged, contract, executionUuid } = executed.prepared;
    const uuids = { scopeUuid: packaged.request.scope.uuid, sessionUuid: packaged.request.sessionUuid };
    const envelope = executed.evidence.bytes;
    await state.create({ uuid: executionUuid, ...uuids, contract: contract.manifest.className, envelope });
    try {
      await shareObjects(this.options, executed, options);
    } catch (error) {
      // Whatever comes of noting it, the caller learns why; a note that failed is made up for by `resume`.
      await state
        .advance(executionUuid, "created", { to: "failed", reason: P8eError.from(error).code })
        .catch(() => undefined);
      throw error;
    }
    const signed = await state.advance(executionUuid, "created", { to: "signed" });
    return writeToLedger(this.#outbox(), signed, executed.messages, options);
  }

  /** Everything from the request to the ledger. */
  async run(request: NewSession, options: SessionOptions = {}): Promise<MemorializedSession> {
    const executed = await this.execute(await this.prepare(request, options), options);
    await this.price(executed, options);
    return this.memorialize(executed, options);
  }

  /**
   * Completes executions that a crash interrupted: sends signed transactions again (the ledger takes them once), signs
   * anew where the old one can never be included, and gives up those that had not been signed.
   */
  resume(options: ResumeOptions = {}): Promise<readonly ResumedExecution[]> {
    return resumeExecutions(this.#outbox(), options);
  }

  #outbox(): Outbox {
    const { network, ...rest } = this.options;
    return { ...rest, accountPrefix: network.accountPrefix, signer: this.signer };
  }

  /** Sessions that other parties must sign are not here yet, and must not look as if they were. */
  #requireAlone(packaged: PackagedSession): void {
    const own = this.options.party.signing.publicKey;
    const owners = packaged.request.scope.kind === "existing" ? packaged.request.scope.owners : [];
    const others = [...packaged.request.participants.values(), ...owners].filter(
      (each) => !each.signingKey.equals(own),
    );
    if (others.length > 0) {
      throw new P8eError("session.not_supported", "this session needs the signatures of other parties", {
        facts: { others: others.map((each) => each.signingKey.base64) },
        hint: "Only sessions that one party signs alone can be run so far.",
      });
    }
  }
}

/** The envelope with results and one more signature. */
function structuredEnvelope(
  envelope: scope.Envelope,
  contract: scope.Contract,
  signature: scope.Signature,
): scope.Envelope {
  return { ...envelope, contract, signatures: [...envelope.signatures, signature] };
}

/** What the scope has before: outputs name what they replace. */
function existingOf(
  packaged: PackagedSession,
  { manifest }: FoundContract,
): { scope?: { uuid: Uuid; records: ReadonlyMap<string, ContentHash> } } {
  const of = packaged.request.scope;
  if (of.kind === "new") return {};
  const written = manifest.functions.map((each) => each.writes.name);
  return { scope: { uuid: parseUuid(of.uuid), records: recordsBefore(of, written) } };
}

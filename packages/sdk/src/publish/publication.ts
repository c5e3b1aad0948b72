import {
  addContractSpecificationToScopeSpecification,
  type ChainClient,
  type ContractSpecificationView,
  type LedgerMessage,
  type LedgerSigner,
  ledgerMessage,
  requireWithinCeiling,
  type TransactionCost,
  type TransactionReceipt,
} from "@p8e/chain";
import {
  type BuiltContract,
  type ContractSpecification,
  checkScopeSpecification,
  contractInvalid,
  contractSpecification,
  contractSpecificationMessage,
  recordSpecificationMessages,
  type ScopeSpecification,
  scopeSpecificationMessage,
  scopeSpecificationUuid,
  unknownScopes,
} from "@p8e/contract";
import {
  type AccountAddress,
  type ContentHash,
  type ContractSpecificationAddress,
  contractSpecificationAddress,
  equalBytes,
  metadataAddressToBytes,
  P8eError,
  parseMetadataAddress,
  type ScopeSpecificationAddress,
  SHA256_TRUNCATED_FORM,
  scopeSpecificationAddress,
} from "@p8e/core";
import type { PublicKey } from "@p8e/crypto";
import type { ObjectClient } from "@p8e/object-client";
import * as metadata from "@p8e/proto/metadata";
import type { LocalParty } from "../session/affiliate.ts";
import type { StateStore } from "../state/state-store.ts";

/** Messages of one transaction at most: well below the chain's gas limit for one. */
const MESSAGES_PER_TRANSACTION = 10;

/** What is to be published, and who may read it. */
export interface PublicationRequest {
  readonly built: BuiltContract;
  /**
   * The scope specifications that are defined with the contract; each that it names is written if the ledger lacks it.
   * What it names beside them stands on the ledger: under a name the publisher's own, under scopespec1… anybody's.
   */
  readonly scopes: readonly ScopeSpecification[];
  /** Who can read the contract's code beside the publisher. */
  readonly audience: readonly PublicKey[];
}

/** An object that publishing stores; `hash` is the SHA-256 that names it, for the specification its first 16 bytes. */
export interface PublicationObject {
  readonly kind: "code" | "types" | "specification";
  readonly hash: ContentHash;
  readonly bytes: Uint8Array;
}

/** One message for the ledger. */
export interface PublicationStep {
  /** In words: "write the contract specification contractspec1…". */
  readonly what: string;
  readonly message: LedgerMessage;
}

/** Exactly what publishing will do; nothing has happened yet. */
export interface PublicationPlan {
  readonly className: string;
  readonly contract: ContractSpecificationAddress;
  readonly scopes: readonly ScopeSpecificationAddress[];
  readonly specification: ContractSpecification;
  readonly objects: readonly PublicationObject[];
  /** Of the code: kept in the publisher's state, and stored nowhere. */
  readonly sourceMap: string;
  readonly steps: readonly PublicationStep[];
  /** What is on the ledger and differs from the source; publishing does not change it. */
  readonly differences: readonly string[];
  readonly audience: readonly PublicKey[];
}

/** What publishing needs of a party. */
export interface PublisherParts {
  readonly party: LocalParty;
  readonly signer: LedgerSigner;
  readonly store: ObjectClient;
  readonly chain: ChainClient;
  readonly state: Pick<StateStore, "sourceMaps">;
  /** In nhash, for one transaction. */
  readonly feeMax?: bigint | undefined;
}

/**
 * Compares a built contract with the ledger. Safe to repeat: a publication that was cut short is completed by the next.
 * @throws `contract.invalid` with all faults
 */
export async function planPublication(
  parts: Pick<PublisherParts, "chain" | "signer">,
  request: PublicationRequest,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<PublicationPlan> {
  const { manifest } = request.built;
  const published = new Map<ScopeSpecificationAddress, metadata.ScopeSpecification>();
  for (const name of manifest.scopes) {
    const address = scopeSpecificationNamed(name, parts.signer.address);
    const found = await parts.chain.metadata.scopeSpecification(address, options);
    if (found !== undefined) published.set(address, found.specification);
  }
  const address = contractSpecificationAddress(contractSpecification(manifest).uuid);
  const contract = await parts.chain.metadata.contractSpecification(address, options);
  return publicationOn(request, parts.signer.address, { scopes: published, contract });
}

/**
 * A kind of scope as contracts name it: its address, or the name under which a party has published it.
 * @throws `address.invalid`
 */
export function scopeSpecificationNamed(name: string, publisher: AccountAddress): ScopeSpecificationAddress {
  if (name.startsWith("scopespec1")) return parseMetadataAddress(name, "scope-specification");
  return scopeSpecificationAddress(scopeSpecificationUuid(publisher, name));
}

/** @throws `contract.invalid` with all faults */
function requirePublishable(
  { built: { manifest }, scopes }: Pick<PublicationRequest, "built" | "scopes">,
  publisher: AccountAddress,
  already: AlreadyPublished,
): void {
  const onLedger = manifest.scopes.filter((name) => already.scopes.has(scopeSpecificationNamed(name, publisher)));
  const faults = [
    ...scopes.flatMap(checkScopeSpecification),
    ...unknownScopes(manifest, [...scopes.map((each) => each.name), ...onLedger]),
  ];
  if (faults.length > 0) throw contractInvalid(manifest.className, faults);
}

/** What a ledger has of a contract and of the scopes it is for. */
export interface AlreadyPublished {
  readonly scopes: ReadonlyMap<ScopeSpecificationAddress, metadata.ScopeSpecification>;
  readonly contract: ContractSpecificationView | undefined;
}

/**
 * What is to be written where a ledger has this much already.
 * @throws `contract.invalid` with all faults
 */
export function publicationOn(
  request: PublicationRequest,
  publisher: AccountAddress,
  already: AlreadyPublished,
): PublicationPlan {
  requirePublishable(request, publisher, already);
  const { built, scopes } = request;
  const { manifest } = built;
  const specification = contractSpecification(manifest);
  const contract = contractSpecificationAddress(specification.uuid);
  const steps: PublicationStep[] = [];
  const differences: string[] = [];
  const linkedScopes: ScopeSpecificationAddress[] = [];
  const links: PublicationStep[] = [];

  for (const name of manifest.scopes) {
    const address = scopeSpecificationNamed(name, publisher);
    const scope = scopes.find((each) => each.name === name);
    const wanted = scope && scopeSpecificationMessage(scope, publisher);
    linkedScopes.push(address);
    const found = already.scopes.get(address);
    if (found === undefined) {
      steps.push({
        what: `write the scope specification ${name} as ${address}`,
        message: ledgerMessage(metadata.MsgWriteScopeSpecificationRequestSchema, {
          specification: wanted,
          signers: [publisher],
        }),
      });
    } else if (wanted !== undefined) differences.push(...scopeDifferences(name, wanted, found));
    const contractId = metadataAddressToBytes(contract);
    const isAllowed = found?.contractSpecIds.some((id) => equalBytes(id, contractId)) === true;
    // The ledger wants the signatures of all owners, and would refuse the transaction with all that is in it.
    const others = found?.ownerAddresses.filter((owner) => owner !== publisher) ?? [];
    if (!isAllowed && others.length > 0) {
      const owners = found!.ownerAddresses.join(", ");
      const how =
        found!.ownerAddresses.length > 1
          ? "all together, in one transaction that each of them signs or has given a grant for"
          : "by publishing the same contract";
      differences.push(`${name} belongs to ${owners}, who must allow ${manifest.className} there: ${how}`);
    } else if (!isAllowed) {
      links.push({
        what: `allow ${manifest.className} on scopes of ${name}`,
        message: addContractSpecificationToScopeSpecification({
          contractSpecification: contract,
          scopeSpecification: address,
          signers: [publisher],
        }),
      });
    }
  }

  const found = already.contract;
  const wantedContract = contractSpecificationMessage(manifest, specification, publisher);
  if (found === undefined) {
    steps.push({
      what: `write the contract specification ${contract}`,
      message: ledgerMessage(metadata.MsgWriteContractSpecificationRequestSchema, {
        specification: wantedContract,
        signers: [publisher],
      }),
    });
  } else differences.push(...contractDifferences(manifest.className, wantedContract, found.specification));
  const known = new Set(found?.recordSpecifications.map((each) => each.name.toLowerCase()));
  for (const record of recordSpecificationMessages(manifest, specification)) {
    if (known.has(record.name.toLowerCase())) continue;
    steps.push({
      what: `write the specification of the record ${record.name}`,
      message: ledgerMessage(metadata.MsgWriteRecordSpecificationRequestSchema, {
        specification: record,
        signers: [publisher],
      }),
    });
  }
  return {
    className: manifest.className,
    contract,
    scopes: linkedScopes,
    specification,
    objects: [
      { kind: "code", hash: manifest.bundle.hash, bytes: built.bundle },
      { kind: "types", hash: manifest.types.hash, bytes: built.types.bytes },
      { kind: "specification", hash: specification.hash, bytes: specification.bytes },
    ],
    sourceMap: built.map,
    steps: [...steps, ...links],
    differences,
    audience: request.audience,
  };
}

/** A plan that was carried out; no receipts when the ledger had it all. */
export interface PublicationResult {
  readonly plan: PublicationPlan;
  readonly receipts: readonly TransactionReceipt[];
  /** In nhash. */
  readonly fee: bigint;
}

/**
 * Stores code, types and specification, reads each back and compares it, then writes what the ledger lacks.
 * @throws `ledger.fee_ceiling` before anything is stored
 * @throws what store and chain throw; `object.hash_mismatch` when the store gives back something else
 */
export async function applyPublication(
  parts: PublisherParts,
  plan: PublicationPlan,
  options: {
    readonly signal?: AbortSignal | undefined;
    readonly onCost?: (cost: TransactionCost) => void | Promise<void>;
  } = {},
): Promise<PublicationResult> {
  const { party, store, chain, state, signer, feeMax } = parts;
  const transactions = transactionsOf(plan);
  if (feeMax !== undefined) await pricePublication(parts, plan, options);
  for (const object of plan.objects) {
    const receipt = await store.put(object.bytes, {
      owner: party.encryption.publicKey,
      signer: party.signing,
      audience: plan.audience,
      ...(object.kind === "specification" ? { hashForm: SHA256_TRUNCATED_FORM } : {}),
      ...options,
    });
    if (receipt.hash !== object.hash) {
      throw new P8eError("object.hash_mismatch", `the store keeps the contract's ${object.kind} under another hash`, {
        facts: { expected: object.hash, actual: receipt.hash },
      });
    }
    // Compared with its hash on the way in: what a party will run is what was built.
    await store.getBytes(object.hash, { key: party.encryption, ...options });
  }
  const code = plan.objects.find(({ kind }) => kind === "code");
  if (code !== undefined) await state.sourceMaps.keep(code.hash, plan.sourceMap);
  const receipts: TransactionReceipt[] = [];
  for (const messages of transactions) receipts.push(await chain.submit(messages, { signer, feeMax, ...options }));
  return { plan, receipts, fee: receipts.reduce((sum, { fee, outOfGas }) => sum + fee + (outOfGas?.fee ?? 0n), 0n) };
}

/**
 * What each transaction of a plan will cost, by the node's price list: later messages build on earlier ones, so the node could
 * not try them yet.
 * @throws `ledger.fee_ceiling`; what the ledger throws
 */
export async function pricePublication(
  { chain, signer, feeMax }: Pick<PublisherParts, "chain" | "signer" | "feeMax">,
  plan: PublicationPlan,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<readonly TransactionCost[]> {
  const costs: TransactionCost[] = [];
  for (const messages of transactionsOf(plan)) {
    const cost = await chain.estimate(messages, [signer], { pricing: "listed", signal });
    requireWithinCeiling(cost, feeMax);
    costs.push(cost);
  }
  return costs;
}

/** The messages of a plan, as many in each transaction as fit. */
export function transactionsOf({ steps }: PublicationPlan): readonly (readonly LedgerMessage[])[] {
  const transactions: (readonly LedgerMessage[])[] = [];
  for (let first = 0; first < steps.length; first += MESSAGES_PER_TRANSACTION) {
    transactions.push(steps.slice(first, first + MESSAGES_PER_TRANSACTION).map((step) => step.message));
  }
  return transactions;
}

/** Anybody may write a specification under an id that is known beforehand; it need not be what its id stands for. */
function contractDifferences(
  className: string,
  wanted: metadata.ContractSpecification,
  found: metadata.ContractSpecification,
): string[] {
  const differences: string[] = [];
  if (found.className !== className) differences.push(`the ledger calls ${className} otherwise than the source`);
  if (wanted.ownerAddresses.join() !== found.ownerAddresses.join()) {
    differences.push(`the specification of ${className} belongs to somebody else`);
  }
  if (wanted.source.value?.toString() !== found.source.value?.toString()) {
    differences.push(`the ledger names another specification object for ${className} than the source`);
  }
  if (wanted.partiesInvolved.join() !== found.partiesInvolved.join()) {
    differences.push(`the ledger wants other parties for ${className} than the source`);
  }
  return differences;
}

function scopeDifferences(
  name: string,
  wanted: metadata.ScopeSpecification,
  found: metadata.ScopeSpecification,
): string[] {
  const differences: string[] = [];
  if (wanted.description?.description !== found.description?.description) {
    differences.push(`the ledger describes ${name} otherwise than the source`);
  }
  if (wanted.partiesInvolved.join() !== found.partiesInvolved.join()) {
    differences.push(`the ledger wants other parties for ${name} than the source`);
  }
  return differences;
}

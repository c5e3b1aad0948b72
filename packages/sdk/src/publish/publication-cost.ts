import { create } from "@bufbuild/protobuf";
import { type ChainClient, type LedgerMessage, ledgerMessage, type TransactionCost } from "@p8e/chain";
import { isUpdateOnly } from "@p8e/contract";
import type { AccountAddress, ScopeSpecificationAddress } from "@p8e/core";
import * as metadata from "@p8e/proto/metadata";
import { type PublicationRequest, publicationOn, scopeSpecificationNamed, transactionsOf } from "./publication.ts";

/** What a contract costs by the price list of a node, in nhash. */
export interface ContractCost {
  /** Publishing it where nothing of it is on the ledger yet, and it is allowed on no kind of scope that is there. */
  readonly publishing: { readonly fee: bigint; readonly messages: number; readonly transactions: number };
  /** One execution in which every function writes its record. */
  readonly execution: {
    readonly records: number;
    /** On a new scope; absent for a contract that can only update scopes. */
    readonly newScope?: bigint;
    readonly existingScope: bigint;
    /** What each record that is not written makes it cheaper by. */
    readonly perRecord: bigint;
  };
}

/**
 * What publishing a contract and executing it once cost on a network. Whoever pays needs no account for the question:
 * prices are by the kinds of messages.
 *
 * @throws `contract.invalid` as planning a publication; what the ledger throws
 */
export async function contractCost(
  {
    chain,
    publisher,
  }: { readonly chain: Pick<ChainClient, "listedCost" | "metadata">; readonly publisher: AccountAddress },
  request: Omit<PublicationRequest, "audience">,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<ContractCost> {
  const { manifest } = request.built;
  const defined = new Set(request.scopes.map(({ name }) => name));
  // What is not defined with it is there already: by name the publisher's, by address whoever's the ledger says.
  const elsewhere = manifest.scopes.filter((name) => !defined.has(name));
  const already = new Map<ScopeSpecificationAddress, metadata.ScopeSpecification>();
  for (const name of elsewhere) {
    const address = scopeSpecificationNamed(name, publisher);
    const ownerAddresses = name.startsWith("scopespec1")
      ? (await chain.metadata.scopeSpecification(address, options))?.specification.ownerAddresses
      : [publisher];
    if (ownerAddresses !== undefined) {
      already.set(address, create(metadata.ScopeSpecificationSchema, { ownerAddresses }));
    }
  }
  const plan = publicationOn({ ...request, audience: [] }, publisher, { scopes: already, contract: undefined });
  const feeOf = async (messages: readonly LedgerMessage[]): Promise<bigint> => (await listed(messages)).fee;
  const listed = (messages: readonly LedgerMessage[]): Promise<TransactionCost> => chain.listedCost(messages, options);

  const transactions = transactionsOf(plan);
  let fee = 0n;
  for (const messages of transactions) fee += await feeOf(messages);
  const { functions, scopes } = manifest;
  const record = ledgerMessage(metadata.MsgWriteRecordRequestSchema, {});
  const session = [ledgerMessage(metadata.MsgWriteSessionRequestSchema, {}), ...functions.map(() => record)];
  const kinds = request.scopes.filter(({ name }) => scopes.includes(name));
  const mayBegin = elsewhere.length > 0 || kinds.some((kind) => !isUpdateOnly(manifest, kind));
  const newScope = [ledgerMessage(metadata.MsgWriteScopeRequestSchema, {}), ...session];
  return {
    publishing: { fee, messages: plan.steps.length, transactions: transactions.length },
    execution: {
      records: functions.length,
      ...(mayBegin ? { newScope: await feeOf(newScope) } : {}),
      existingScope: await feeOf(session),
      perRecord: await feeOf([record]),
    },
  };
}

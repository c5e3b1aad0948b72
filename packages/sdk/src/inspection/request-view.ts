import type { DescMessage } from "@bufbuild/protobuf";
import type { ContractTypes } from "@p8e/contract";
import {
  type AccountAddress,
  type CallOptions,
  type ContentHash,
  equalBytes,
  goNameHash,
  hasCode,
  P8eError,
  parseContentHash,
  roleFromNumber,
  scopeAddress,
  scopeSpecificationAddress,
  sessionAddress,
} from "@p8e/core";
import { accountAddress, publicKeyFromMessage } from "@p8e/crypto";
import { decodeExamined, examineMessage } from "@p8e/decoding";
import type { PricedInspection } from "../agreement/agreements.ts";
import { foreignText } from "../foreign-text.ts";
import type { PartyParts } from "../parts.ts";
import { skipText } from "../session/skipped.ts";
import { type FieldDifference, type FieldLine, fieldDifferences, fieldLines, type Part } from "./message-fields.ts";

/** A value that goes into a contract. */
export interface InputView {
  readonly name: string;
  /** What the invoker proposes, or a record of the scope as it is now. */
  readonly from: "proposal" | "record";
  readonly type: string;
  readonly hash: ContentHash;
  readonly fields: Part<FieldLine>;
}

/** A record that the session writes, as this party's own execution gave it. */
export interface OutputView {
  readonly record: string;
  readonly function: string;
  readonly type: string;
  readonly hash: ContentHash;
  readonly change:
    | { readonly kind: "new"; readonly fields: Part<FieldLine> }
    | { readonly kind: "same" }
    | { readonly kind: "changed"; readonly before: ContentHash; readonly differences: Part<FieldDifference> }
    /** There is a record now, which this party cannot read as this type. */
    | { readonly kind: "unreadable"; readonly before: string; readonly why: string; readonly fields: Part<FieldLine> };
}

/** Somebody whose signature is needed. */
export interface SignerView {
  readonly address: AccountAddress;
  /** Of the contract; none for owners and former parties that are no party of it. */
  readonly roles: readonly string[];
  readonly invoker: boolean;
  readonly self: boolean;
  /** As far as the request shows: the others answer the invoker alone. */
  readonly signed: boolean;
}

/** Everything that somebody should see before signing. What others wrote has no control characters. */
export interface RequestView {
  readonly execution: string;
  readonly state: string;
  readonly invoker: AccountAddress;
  /** UTC. */
  readonly deadline: string;
  readonly scope: { readonly address: string; readonly isNew: boolean; readonly specification: string };
  readonly session: string;
  readonly contract: {
    readonly className: string;
    /** Of its specification, which code and types hang on. */
    readonly hash: ContentHash;
    readonly address: string;
    readonly publishers: readonly AccountAddress[];
    /** Whether only publishers that this party has named may have contracts run here; any may when false. */
    readonly publishersNamed: boolean;
  };
  readonly signers: readonly SignerView[];
  readonly inputs: readonly InputView[];
  readonly outputs: readonly OutputView[];
  /** Functions that were not run, and whose records stay as they are. */
  readonly skipped: readonly { readonly function: string; readonly why: string }[];
  /** Who becomes a reader of the scope. */
  readonly newReaders: readonly AccountAddress[];
  readonly leave: readonly { readonly message: string; readonly count: number; readonly until: string }[];
  /** The same as sentences. */
  readonly leaveText: readonly string[];
  /** In nhash: what giving that leave costs; 0 when nothing is to be written. */
  readonly fee: bigint;
}

type Parts = Pick<PartyParts, "store" | "party" | "network" | "allowedPublishers">;

/** Records as they are now, by name: their content, or why it cannot be read. */
type CurrentRecords = ReadonlyMap<string, { readonly hash: string; readonly bytes: Uint8Array | P8eError }>;

/** Reads what a request would replace, and puts everything together that is to be seen before signing. */
export async function viewRequest(
  parts: Parts,
  inspection: PricedInspection,
  options: Pick<CallOptions, "signal"> = {},
): Promise<RequestView> {
  return await requestView(parts, inspection, await currentRecords(parts, inspection, options), options);
}

async function currentRecords(
  { store, party }: Parts,
  { packaged, results, objects }: PricedInspection,
  options: Pick<CallOptions, "signal">,
): Promise<CurrentRecords> {
  const of = packaged.request.scope;
  const current = new Map<string, { hash: string; bytes: Uint8Array | P8eError }>();
  if (of.kind === "new") return current;
  for (const result of results) {
    if (result.outcome !== "PASS") continue;
    // As the ledger compares names.
    const id = goNameHash(result.record);
    const found = of.snapshot.records.find(({ record }) => equalBytes(goNameHash(record?.name ?? ""), id))?.record;
    const hash = found?.outputs[0]?.hash;
    if (hash === undefined) continue;
    current.set(result.record, { hash, bytes: await read(hash) });
  }
  return current;

  async function read(text: string): Promise<Uint8Array | P8eError> {
    try {
      const hash = parseContentHash(text);
      return objects.get(hash) ?? (await store.getBytes(hash, { key: party.encryption, ...options }));
    } catch (thrown) {
      const error = P8eError.from(thrown);
      if (hasCode(error, "rpc.cancelled")) throw error;
      return error;
    }
  }
}

/** As {@link viewRequest}, from what was read already. */
async function requestView(
  parts: Parts,
  inspection: PricedInspection,
  current: CurrentRecords,
  options: Pick<CallOptions, "signal">,
): Promise<RequestView> {
  const { approval, theirs, contract, packaged, objects, results, leave, cost } = inspection;
  const { types, manifest, specification } = contract;
  const of = packaged.request.scope;
  const scope = scopeAddress(theirs.scopeUuid);
  const inputs: InputView[] = [];
  const addInput = async (name: string, from: InputView["from"], className: string, hashText: string) => {
    const hash = parseContentHash(hashText);
    const type = types.messageOfClass(className);
    const fields = await linesOf(types, type, objects.get(hash), options);
    inputs.push({ name: foreignText(name), from, type: type.typeName, hash, fields });
  };
  const proposed = new Map<string, { classname: string; hash: string }>();
  for (const consideration of theirs.contract.considerations) {
    for (const input of consideration.inputs) proposed.set(input.name, input);
  }
  for (const [name, { classname, hash }] of proposed) await addInput(name, "proposal", classname, hash);
  for (const { name, className, hash } of packaged.inputs) await addInput(name, "record", className, hash);
  const outputs: OutputView[] = [];
  const skipped: { function: string; why: string }[] = [];
  for (const result of results) {
    if (result.outcome !== "PASS") {
      skipped.push({ function: foreignText(result.function), why: skipText(result.reason) });
      continue;
    }
    const { typeName } = manifest.functions.find(({ name }) => name === result.function)!.writes;
    const type = types.message(typeName);
    const change = await changeOf(types, type, result, current.get(result.record), options);
    const names = { record: foreignText(result.record), function: foreignText(result.function) };
    outputs.push({ ...names, type: typeName, hash: result.hash, change });
  }
  const until = (ms: number) => new Date(ms).toISOString();
  return {
    ...{ execution: approval.uuid, state: approval.state, invoker: approval.invoker },
    deadline: until(approval.deadlineMs),
    scope: {
      address: scope,
      isNew: of.kind === "new",
      specification: scopeSpecificationAddress(of.specificationUuid),
    },
    session: sessionAddress(theirs.scopeUuid, theirs.sessionUuid),
    contract: {
      ...{ className: foreignText(manifest.className), hash: specification.hash, address: contract.address },
      publishers: contract.publishers,
      publishersNamed: parts.allowedPublishers !== undefined,
    },
    signers: signersOf(parts, inspection),
    ...{ inputs, outputs, skipped },
    newReaders: newReadersOf(parts, inspection),
    leave: leave.map(({ messageTypeUrl, count, untilMs }) => ({
      message: messageTypeUrl,
      count,
      until: until(untilMs),
    })),
    leaveText: leave.map(({ messageTypeUrl, count, untilMs }) => {
      const message = messageTypeUrl.split(".").at(-1);
      const many = `${count} ${message} message${count === 1 ? "" : "s"}`;
      return `${approval.invoker} may write ${many} on any scope of yours until ${until(untilMs)}`;
    }),
    fee: cost?.fee ?? 0n,
  };
}

async function changeOf(
  types: ContractTypes,
  type: DescMessage,
  result: { readonly hash: ContentHash; readonly bytes: Uint8Array },
  before: { readonly hash: string; readonly bytes: Uint8Array | P8eError } | undefined,
  options: Pick<CallOptions, "signal">,
): Promise<OutputView["change"]> {
  if (before?.hash === result.hash) return { kind: "same" };
  const is = await decoded(types, type, result.bytes, options);
  if (before === undefined) return { kind: "new", fields: await fieldLines(type, is, options) };
  const unreadable = async (why: string) => {
    const fields = await fieldLines(type, is, options);
    return { kind: "unreadable", before: foreignText(before.hash), why, fields } as const;
  };
  if (before.bytes instanceof Error) return await unreadable(before.bytes.code);
  try {
    const was = await decoded(types, type, before.bytes, options);
    const differences = await fieldDifferences(type, was, is, options);
    return { kind: "changed", before: parseContentHash(before.hash), differences };
  } catch (thrown) {
    if (hasCode(thrown, "rpc.cancelled")) throw thrown;
    return await unreadable(P8eError.from(thrown).code);
  }
}

async function linesOf(
  types: ContractTypes,
  type: DescMessage,
  bytes: Uint8Array | undefined,
  options: Pick<CallOptions, "signal">,
): Promise<Part<FieldLine>> {
  if (bytes === undefined) return { shown: [], left: 1 };
  return await fieldLines(type, await decoded(types, type, bytes, options), options);
}

async function decoded(
  types: ContractTypes,
  type: DescMessage,
  bytes: Uint8Array,
  options: Pick<CallOptions, "signal">,
) {
  const context = { what: "a value of the session", code: "session.type_mismatch" } as const;
  await examineMessage(type, bytes, context, { types: () => types.bytes, ...options });
  return await decodeExamined(type, bytes, options);
}

function signersOf({ party, network }: Parts, { theirs, signers }: PricedInspection): readonly SignerView[] {
  const roles = new Map<string, string[]>();
  for (const { signer, signerRole } of theirs.contract.recitals) {
    if (signer?.signingPublicKey === undefined) continue;
    const address = accountAddress(publicKeyFromMessage(signer.signingPublicKey), network.accountPrefix);
    roles.set(address, [...(roles.get(address) ?? []), roleFromNumber(signerRole) ?? String(signerRole)]);
  }
  const [invoker, self] = [theirs.signer, party.signing.publicKey].map((key) =>
    accountAddress(key, network.accountPrefix),
  );
  return signers.map(({ address }) => ({
    address,
    roles: roles.get(address) ?? [],
    invoker: address === invoker,
    self: address === self,
    signed: address === invoker,
  }));
}

/** Accounts that the scope does not have among its readers yet. */
export function newReadersOf({ network }: Parts, { packaged, theirs }: PricedInspection): readonly AccountAddress[] {
  const of = packaged.request.scope;
  const now = of.kind === "new" ? [] : (of.snapshot.scope?.scope?.dataAccess ?? []);
  const asked = theirs.envelope.dataAccess.map((key) =>
    accountAddress(publicKeyFromMessage(key), network.accountPrefix),
  );
  return asked.filter((address) => !now.includes(address));
}

import type { JsonValue } from "@bufbuild/protobuf";
import type { ContractTypes } from "@p8e/contract";
import {
  type ContentHash,
  equalBytes,
  goNameHash,
  hasCode,
  metadataAddressFromBytes,
  P8eError,
  parseContentHash,
} from "@p8e/core";
import type { PublicKey } from "@p8e/crypto";
import { decodeExamined, examineMessage, valueBudget } from "@p8e/decoding";
import { fileDescriptorSet } from "@p8e/proto/file-descriptor-set";
import { type ContractSearch, fetchContract, specificationHash } from "../session/find-contract.ts";
import type { ScopeSnapshot } from "../session/scope-snapshot.ts";
import { recordJson } from "./record-json.ts";

/** What a scope's record is, read out of a party's own store by the types of the contract that wrote it. */
export interface RecordRead {
  /** As the ledger has it. */
  readonly name: string;
  /** Java class name. */
  readonly type: string;
  readonly hash: ContentHash;
  /** Class name of the contract. */
  readonly contract: string;
  /** `session1…` */
  readonly session: string;
  /** Whose signature the object carries; it was verified. */
  readonly signer: PublicKey;
  /** By protobuf's JSON mapping. */
  readonly value: JsonValue;
  /** Fields that the type does not know, which are in the bytes and not in the value. */
  readonly unknownFields: number;
}

/**
 * Reads a record without knowing its type. The bytes are checked against the hash on the ledger before they are parsed.
 *
 * @throws `session.record_missing`, which names those that there are; `session.type_mismatch` for bytes that are not of the
 *   type, or that protobuf's JSON cannot say; `object.not_found` when the own store lacks the record or its contract's code;
 *   `signature.unexpected_signer`, `rpc.cancelled`
 */
export async function readRecord(
  search: Omit<ContractSearch, "allowedPublishers">,
  snapshot: ScopeSnapshot,
  name: string,
  options: { readonly expectedSigners?: readonly PublicKey[]; readonly signal?: AbortSignal | undefined } = {},
): Promise<RecordRead> {
  const { signal } = options;
  // As the ledger compares names: case makes no difference.
  const record = snapshot.records.find((each) => equalBytes(goNameHash(each.name), goNameHash(name)));
  if (record === undefined) {
    throw new P8eError("session.record_missing", `the scope has no record "${name.slice(0, 120)}"`, {
      facts: {
        record: name.slice(0, 120),
        scope: snapshot.address,
        records: snapshot.records.map((each) => each.name),
      },
    });
  }
  const session = snapshot.sessions.find(({ sessionId }) => equalBytes(sessionId, record.sessionId));
  if (session === undefined) {
    throw new P8eError("ledger.not_found", `the ledger has no session of the record "${record.name}"`, {
      facts: { scope: snapshot.address, record: record.name },
    });
  }
  const type = record.process?.name ?? "";
  const hash = parseContentHash(record.outputs[0]?.hash ?? "");
  await using object = await search.store.get(hash, { key: search.key, ...options });
  const bytes = await object.bytes(valueBudget.bytes);
  const types = await typesOf(search, session.specificationId, session.name, signal);
  const schema = types.messageOfClass(type);
  const context = { what: `the record "${record.name}", a ${type},`, code: "session.type_mismatch" } as const;
  await examineMessage(schema, bytes, context, { types: () => fileDescriptorSet([schema]), signal });
  const said = recordJson(schema, await decodeExamined(schema, bytes, { signal }), types.registry, record.name);
  return {
    ...{ name: record.name, type, hash, contract: session.name },
    session: String(metadataAddressFromBytes(record.sessionId)),
    ...{ signer: object.signer, ...said },
  };
}

/** The types that came with the code of the contract which wrote the record. */
async function typesOf(
  search: Omit<ContractSearch, "allowedPublishers">,
  specificationId: Uint8Array,
  contract: string,
  signal: AbortSignal | undefined,
): Promise<ContractTypes> {
  const address = String(metadataAddressFromBytes(specificationId));
  const view = await search.chain.metadata.contractSpecification(
    address as Parameters<typeof search.chain.metadata.contractSpecification>[0],
    { signal },
  );
  if (view === undefined) {
    throw new P8eError("ledger.not_found", "the ledger has no contract specification of the record's session", {
      facts: { contract: address },
    });
  }
  const code = specificationHash(view);
  try {
    return (await fetchContract(search, code, { signal })).types;
  } catch (error) {
    if (!hasCode(error, "object.not_found")) throw error;
    throw new P8eError("object.not_found", `the own store has the record, but not the code of ${contract}`, {
      facts: { hash: code },
      hint: "Its types say what the record's bytes mean. Whoever published it shares it by p8e share HASH --with PARTY.",
      cause: error,
    });
  }
}

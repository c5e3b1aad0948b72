import { crc32 } from "node:zlib";
import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
import { concatBytes, equalBytes, P8eError, sha256, utf8Decode, utf8Encode } from "@p8e/core";
import type { GenesisAccount } from "../domain/genesis.ts";

/**
 * The journal is one file: a magic line, then records. A record is
 *
 *     length of the payload   4 bytes, big-endian
 *     check of this head      4 bytes: CRC-32 of the length's bytes and the record's offset (8 bytes, big-endian)
 *     link                    32 bytes: SHA-256 of the previous record's link (32 zeros at first) and the payload
 *     payload                 protobuf wire format
 *
 * The first record is the genesis, every other one a block with its transactions and what became of them. The link
 * makes each record vouch for all before it; a block's link is the application hash that clients see.
 */
export const MAGIC = utf8Encode("p8e ledger journal 1\n");
/** A record's head, in bytes. */
export const HEAD_BYTES = 40;
const PAYLOAD_BYTES_MAX = 256 * 1024 * 1024;
/** What the first record is linked to. */
export const FIRST_LINK = new Uint8Array(32);

/** How a chain began. */
export interface GenesisRecord {
  readonly chainId: string;
  readonly accountPrefix: string;
  readonly timeMs: number;
  /** Interval at which empty blocks follow it. */
  readonly intervalMs: number;
  readonly accounts: readonly GenesisAccount[];
}

/** A block with transactions. */
export interface BlockRecord {
  readonly height: bigint;
  readonly timeMs: number;
  /** The block interval in force, by which empty blocks after this one are counted; 0 where they are made by hand. */
  readonly intervalMs: number;
  /** Of the rules that the transactions ran by. */
  readonly rulesVersion: number;
  readonly transactions: readonly JournaledTransaction[];
}

/** A transaction and what it came to. */
export interface JournaledTransaction {
  readonly bytes: Uint8Array;
  /** cosmos.base.abci.v1beta1.TxResponse without its `tx`. */
  readonly response: Uint8Array;
}

/** A record for that place, linked to the one before. */
export function encodeRecord(payload: Uint8Array, offset: number, previousLink: Uint8Array) {
  const link = sha256(concatBytes(previousLink, payload));
  const head = new Uint8Array(8);
  new DataView(head.buffer).setUint32(0, payload.length);
  new DataView(head.buffer).setUint32(4, headCheck(payload.length, offset));
  return { link, bytes: concatBytes(head, link, payload) };
}

function headCheck(length: number, offset: number): number {
  const bytes = new Uint8Array(12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, length);
  view.setBigUint64(4, BigInt(offset));
  return crc32(bytes);
}

/** The payload's length, or undefined when the head's check fails. */
export function readHead(head: Uint8Array, offset: number): { length: number; link: Uint8Array } | undefined {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const length = view.getUint32(0);
  if (length > PAYLOAD_BYTES_MAX || view.getUint32(4) !== headCheck(length, offset)) return undefined;
  return { length, link: head.slice(8, HEAD_BYTES) };
}

/** Whether a link belongs to these bytes and the link before. */
export function linkMatches(link: Uint8Array, previousLink: Uint8Array, payload: Uint8Array): boolean {
  return equalBytes(link, sha256(concatBytes(previousLink, payload)));
}

/** The error of a journal whose bytes at that offset are not those that were written. */
export function corrupt(offset: number, what: string, cause?: unknown): P8eError {
  return new P8eError("ledger.journal_corrupt", `the ledger's journal is damaged at byte ${offset}: ${what}`, {
    facts: { offset },
    hint: "Restore the ledger's data folder from a copy.",
    cause,
  });
}

const GENESIS = 1;
const BLOCK = 2;

/** The first record's content. */
export function encodeGenesis(genesis: GenesisRecord): Uint8Array {
  const accounts = genesis.accounts.map(({ address, amount }) => ({ address, amount: amount.toString() }));
  const json = JSON.stringify({ ...genesis, accounts });
  return new BinaryWriter().uint32(tag(GENESIS)).bytes(utf8Encode(json)).finish();
}

/** @throws when the bytes are no genesis */
export function decodeGenesis(payload: Uint8Array): GenesisRecord {
  const reader = new BinaryReader(payload);
  if (reader.tag()[0] !== GENESIS) throw new Error("not a genesis record");
  const json = JSON.parse(utf8Decode(reader.bytes())) as Omit<GenesisRecord, "accounts"> & {
    accounts: { address: string; amount: string }[];
  };
  return { ...json, accounts: json.accounts.map(({ address, amount }) => ({ address, amount: BigInt(amount) })) };
}

/** A block's content. */
export function encodeBlock(block: BlockRecord): Uint8Array {
  const writer = new BinaryWriter().uint32(tag(BLOCK)).fork();
  writer.uint32(0x08).uint64(block.height);
  writer.uint32(0x10).uint64(BigInt(block.timeMs));
  writer.uint32(0x18).uint32(block.intervalMs);
  writer.uint32(0x28).uint32(block.rulesVersion);
  for (const { bytes, response } of block.transactions) {
    writer.uint32(0x22).fork();
    writer.uint32(0x0a).bytes(bytes).uint32(0x12).bytes(response);
    writer.join();
  }
  return writer.join().finish();
}

/** @throws when the bytes are no block */
export function decodeBlock(payload: Uint8Array): BlockRecord {
  const outer = new BinaryReader(payload);
  if (outer.tag()[0] !== BLOCK) throw new Error("not a block record");
  const reader = new BinaryReader(outer.bytes());
  const transactions: JournaledTransaction[] = [];
  let height = 0n;
  let timeMs = 0;
  let intervalMs = 0;
  // The first journals do not name it.
  let rulesVersion = 1;
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === 1) height = BigInt(reader.uint64());
    else if (field === 2) timeMs = Number(reader.uint64());
    else if (field === 3) intervalMs = reader.uint32();
    else if (field === 4) transactions.push(decodeTransaction(reader.bytes()));
    else if (field === 5) rulesVersion = reader.uint32();
    else reader.skip(wireType, field);
  }
  return { height, timeMs, intervalMs, rulesVersion, transactions };
}

function decodeTransaction(content: Uint8Array): JournaledTransaction {
  const reader = new BinaryReader(content);
  let bytes = new Uint8Array(0) as Uint8Array;
  let response = new Uint8Array(0) as Uint8Array;
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === 1) bytes = reader.bytes();
    else if (field === 2) response = reader.bytes();
    else reader.skip(wireType, field);
  }
  return { bytes, response };
}

function tag(field: number): number {
  return (field << 3) | 2;
}

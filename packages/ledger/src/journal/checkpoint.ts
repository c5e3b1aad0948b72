import { open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
import { equalBytes, sha256, utf8Encode } from "@p8e/core";
import { type LedgerState, type TableName, tableNames } from "../domain/ledger-state.ts";
import { decodeState, encodedEntries } from "../domain/state-codec.ts";
import { type BlockEntry, BlockIndex } from "./block-index.ts";
import { syncDirectory } from "./journal-file.ts";

/**
 * What the journal says up to a position, so that a start need not run all of it again. Written beside and renamed
 * into place; it ends with its own SHA-256. One that does not read is ignored: the journal has everything.
 */
export interface Checkpoint {
  readonly offset: number;
  readonly link: Uint8Array;
  /** Head of the chain when it was written: the last block, or an empty one after it. */
  readonly height: bigint;
  readonly timeMs: number;
  readonly intervalMs: number;
  readonly state: LedgerState;
  readonly index: BlockIndex;
}

const MAGIC = utf8Encode("p8e ledger checkpoint 1\n");

/** Puts a checkpoint in the place of the one before, whole or not at all. */
export async function writeCheckpoint(path: string, checkpoint: Checkpoint): Promise<void> {
  const bytes = encodeCheckpoint(checkpoint);
  const file = await open(`${path}.new`, "w", 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
  await syncDirectory(dirname(path));
}

/** Undefined when there is none, or none that can be trusted. */
export async function readCheckpoint(path: string): Promise<Checkpoint | undefined> {
  const bytes = await readFile(path).catch(() => undefined);
  if (bytes === undefined || bytes.length < MAGIC.length + 32) return undefined;
  const content = bytes.subarray(0, bytes.length - 32);
  const trusted =
    equalBytes(content.subarray(0, MAGIC.length), MAGIC) &&
    equalBytes(sha256(content), bytes.subarray(bytes.length - 32));
  return trusted ? decodeCheckpoint(new Uint8Array(content.subarray(MAGIC.length))) : undefined;
}

function encodeCheckpoint({ offset, link, height, timeMs, intervalMs, state, index }: Checkpoint): Uint8Array {
  const writer = new BinaryWriter().raw(MAGIC);
  writer.uint64(BigInt(offset)).bytes(link).uint64(height).uint64(BigInt(timeMs)).uint32(intervalMs);
  const tables = new Map(tableNames.map((name, number) => [name, number]));
  const count = tableNames.reduce((sum, name) => sum + state[name].size, 0);
  writer.uint32(count);
  for (const [table, key, bytes] of encodedEntries(state)) {
    writer
      .uint32(tables.get(table) ?? 0)
      .string(key)
      .bytes(bytes);
  }
  writer.uint32(index.blocks.length);
  for (const block of index.blocks) {
    writer
      .uint64(block.height)
      .uint64(BigInt(block.timeMs))
      .uint32(block.intervalMs)
      .uint64(BigInt(block.offset))
      .uint32(block.length);
    writer.bytes(block.link).uint32(block.hashes.length);
    for (const hash of block.hashes) writer.string(hash);
  }
  const content = writer.finish();
  const whole = new Uint8Array(content.length + 32);
  whole.set(content);
  whole.set(sha256(content), content.length);
  return whole;
}

function decodeCheckpoint(content: Uint8Array): Checkpoint {
  const reader = new BinaryReader(content);
  const offset = Number(reader.uint64());
  const link = reader.bytes();
  const height = BigInt(reader.uint64());
  const timeMs = Number(reader.uint64());
  const intervalMs = reader.uint32();
  const entries: [TableName, string, Uint8Array][] = [];
  for (let left = reader.uint32(); left > 0; left--) {
    entries.push([tableNames[reader.uint32()]!, reader.string(), reader.bytes()]);
  }
  const index = new BlockIndex();
  for (let left = reader.uint32(); left > 0; left--) index.add(decodeBlockEntry(reader));
  return { offset, link, height, timeMs, intervalMs, state: decodeState(entries), index };
}

function decodeBlockEntry(reader: BinaryReader): BlockEntry {
  const height = BigInt(reader.uint64());
  const timeMs = Number(reader.uint64());
  const intervalMs = reader.uint32();
  const offset = Number(reader.uint64());
  const length = reader.uint32();
  const link = reader.bytes();
  const hashes: string[] = [];
  for (let left = reader.uint32(); left > 0; left--) hashes.push(reader.string());
  return { height, timeMs, intervalMs, offset, length, link, hashes };
}

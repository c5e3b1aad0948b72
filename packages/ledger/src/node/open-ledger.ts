import { join } from "node:path";
import { equalBytes, P8eError, transactionHash } from "@p8e/core";
import { lockFolder } from "@p8e/machine";
import { applyBlock } from "../domain/execute.ts";
import { composeAccounts, type GenesisAccount, genesisState } from "../domain/genesis.ts";
import type { LedgerState } from "../domain/ledger-state.ts";
import type { BlockFacts } from "../domain/message-context.ts";
import { RULES_VERSION } from "../domain/rules-version.ts";
import type { Keys } from "../domain/signatures.ts";
import { BlockIndex } from "../journal/block-index.ts";
import { type Checkpoint, readCheckpoint, writeCheckpoint } from "../journal/checkpoint.ts";
import { JournalFile, type StoredRecord } from "../journal/journal-file.ts";
import {
  type BlockRecord,
  corrupt,
  decodeBlock,
  decodeGenesis,
  encodeGenesis,
  type GenesisRecord,
} from "../journal/journal-format.ts";
import { BlockStore } from "./block-store.ts";
import { ChainClock } from "./chain-clock.ts";
import { Ledger, type LedgerParts } from "./ledger.ts";
import { ledgerKeys } from "./ledger-keys.ts";
import type { LedgerOptions } from "./ledger-options.ts";
import { encodeResponse, transactionResponse } from "./transaction-response.ts";

/**
 * Opens the ledger in a data folder: the last checkpoint, then the journal's tail run again and compared with what
 * was recorded.
 * @throws `environment.in_use` when another process has the folder, `configuration.invalid` when the folder belongs
 *   to another chain or genesis, `ledger.journal_corrupt` with the `offset` of the damage, `ledger.journal_version` when
 *   blocks of other rules would have to run again
 */
export async function openLedger(options: LedgerOptions): Promise<Ledger> {
  options.signal?.throwIfAborted();
  await using opening = new AsyncDisposableStack();
  opening.use(await lockFolder(options.dataDir, { runs: "the ledger", signal: options.signal }));
  const journal = opening.use(await JournalFile.open(join(options.dataDir, "journal")));
  const parts = await recover(options, journal);
  const held = opening.move();
  return new Ledger({ ...parts, release: () => held.disposeAsync() });
}

async function recover(options: LedgerOptions, journal: JournalFile): Promise<Omit<LedgerParts, "release">> {
  const keys = ledgerKeys(options.accountPrefix);
  const { genesis, link } = await openGenesis(options, journal);
  requireSameGenesis(genesis, options);
  const path = join(options.dataDir, "checkpoint");
  const checkpoint = await readCheckpoint(path);
  const { state, index, stateHeight, tick, intervalMs } = await runTail(options, keys, journal, genesis, checkpoint);
  const blocks = new BlockStore(journal, index, { timeMs: genesis.timeMs, intervalMs: genesis.intervalMs, link });
  // Empty blocks that fell due before this opening did so at the interval of that time.
  const head = new ChainClock(tick, intervalMs, () => options.clock.now()).latest();
  return {
    options,
    keys,
    blocks,
    state,
    stateHeight,
    head,
    writeCheckpoint: (current, at) =>
      writeCheckpoint(path, {
        ...journal.position,
        ...at,
        intervalMs: options.blockIntervalMs,
        state: current,
        index,
      }),
  };
}

async function runTail(
  options: LedgerOptions,
  keys: Keys,
  journal: JournalFile,
  genesis: GenesisRecord,
  checkpoint: Checkpoint | undefined,
) {
  const network = { chainId: genesis.chainId, accountPrefix: options.accountPrefix };
  const index = checkpoint?.index ?? new BlockIndex();
  let state = checkpoint?.state ?? genesisState(genesis.accounts, options);
  let tick = { height: checkpoint?.height ?? 1n, timeMs: checkpoint?.timeMs ?? genesis.timeMs };
  let intervalMs = checkpoint?.intervalMs ?? genesis.intervalMs;
  let isFirst = checkpoint === undefined;
  for await (const record of journal.records(checkpoint)) {
    options.signal?.throwIfAborted();
    if (isFirst) {
      isFirst = false;
      continue;
    }
    const block = parseBlock(record);
    requireRules(block);
    state = replay(state, block, record, network, keys);
    tick = { height: block.height, timeMs: block.timeMs };
    intervalMs = block.intervalMs;
    const { offset, link, payload } = record;
    const hashes = block.transactions.map(({ bytes }) => transactionHash(bytes));
    index.add({ ...tick, intervalMs, offset, length: payload.length, link, hashes });
  }
  const stateHeight = index.blocks.at(-1)?.height ?? 1n;
  return { state, index, stateHeight, tick, intervalMs };
}

async function openGenesis(options: LedgerOptions, journal: JournalFile) {
  for await (const { offset, link, payload } of journal.records()) {
    try {
      return { genesis: decodeGenesis(payload), link };
    } catch (error) {
      throw corrupt(offset, "the first record is no genesis", error);
    }
  }
  const genesis: GenesisRecord = {
    chainId: options.chainId,
    accountPrefix: options.accountPrefix,
    timeMs: Math.trunc(options.clock.now()),
    intervalMs: options.blockIntervalMs,
    accounts: genesisAccounts(options),
  };
  genesisState(genesis.accounts, options);
  const { link } = await journal.append(encodeGenesis(genesis));
  return { genesis, link };
}

function genesisAccounts({ genesis, accountPrefix }: LedgerOptions): readonly GenesisAccount[] {
  const standard = genesis?.only === true ? [] : composeAccounts(accountPrefix);
  return [...standard, ...(genesis?.accounts ?? [])];
}

function requireSameGenesis(genesis: GenesisRecord, options: LedgerOptions): void {
  const facts = { chainId: genesis.chainId, accountPrefix: genesis.accountPrefix };
  if (genesis.chainId !== options.chainId || genesis.accountPrefix !== options.accountPrefix) {
    throw new P8eError("configuration.invalid", "the data folder holds the ledger of another chain", { facts });
  }
  if (options.genesis === undefined) return;
  const wanted = genesisAccounts(options);
  const same =
    wanted.length === genesis.accounts.length &&
    wanted.every(({ address, amount }, index) => {
      const stored = genesis.accounts[index];
      return stored?.address === address && stored.amount === amount;
    });
  if (same) return;
  throw new P8eError("configuration.invalid", "the data folder's ledger began with other accounts", {
    facts,
    hint: "Fund further accounts with transfers, or start with an empty data folder.",
  });
}

function parseBlock(record: StoredRecord): BlockRecord {
  try {
    return decodeBlock(record.payload);
  } catch (error) {
    throw corrupt(record.offset, "a record is no block", error);
  }
}

/**
 * Blocks of other rules than today's may lie before the checkpoint, where nothing runs again; not after it.
 * @throws `ledger.journal_version`
 */
function requireRules({ height, rulesVersion }: BlockRecord): void {
  if (rulesVersion === RULES_VERSION) return;
  const facts = { height, rulesVersion, supported: RULES_VERSION };
  if (rulesVersion > RULES_VERSION) {
    throw new P8eError("ledger.journal_version", "the ledger's data folder was written by a newer p8e", {
      facts,
      hint: "Use that version or a newer one.",
    });
  }
  throw new P8eError(
    "ledger.journal_version",
    "the ledger's journal has blocks of older rules and no checkpoint after",
    {
      facts,
      hint: "Begin anew with an empty data folder (p8e reset), or use the p8e that wrote it.",
    },
  );
}

/** Journaled transactions were verified when they were admitted; everything else is computed again and compared. */
function replay(
  state: LedgerState,
  block: BlockRecord,
  record: StoredRecord,
  network: Pick<BlockFacts, "chainId" | "accountPrefix">,
  { accountOf }: Keys,
): LedgerState {
  const facts: BlockFacts = { ...network, height: block.height, timeMs: block.timeMs };
  const transactions = block.transactions.map(({ bytes }) => bytes);
  const applied = applyBlock(state, facts, transactions, { accountOf, verify: () => true });
  for (const [position, { bytes, response }] of block.transactions.entries()) {
    const again = encodeResponse(transactionResponse(transactionHash(bytes), applied.results[position]!, block));
    if (!equalBytes(again, response)) {
      throw corrupt(record.offset, "running the block again gives another result than the one recorded");
    }
  }
  return applied.state;
}

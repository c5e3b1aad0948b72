import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { bech32Encode, concatBytes, sha256, utf8Encode } from "@p8e/core";
import * as cosmos from "@p8e/proto/cosmos";
import type { CommittedBlock } from "../node/block-store.ts";
import type { Ledger } from "../node/ledger.ts";

/**
 * Blocks as a consensus node shows them. There is no consensus here: hashes are stable and tied to the content, but
 * not what a validator would compute, and there are no votes.
 */
function blockHash({ height, applicationHash }: Pick<CommittedBlock, "height" | "applicationHash">): Uint8Array {
  return sha256(concatBytes(utf8Encode(`block ${height}\n`), applicationHash));
}

/** A block's id, as CometBFT has it. */
export function blockIdOf(block: CommittedBlock): cosmos.comet.BlockID {
  const hash = blockHash(block);
  return create(cosmos.comet.BlockIDSchema, { hash, partSetHeader: { total: 1, hash: sha256(hash) } });
}

function headerOf(ledger: Ledger, block: CommittedBlock) {
  return {
    version: { block: 11n, app: 0n },
    chainId: ledger.chainId,
    height: block.height,
    time: timestampFromMs(block.timeMs),
    dataHash: sha256(concatBytes(...block.transactions.map(({ bytes }) => sha256(bytes)))),
    appHash: block.applicationHash,
  };
}

const proposer = sha256(utf8Encode("embedded ledger")).subarray(0, 20);

/** A block with its transactions, as CometBFT has it. */
export function blockOf(ledger: Ledger, block: CommittedBlock): cosmos.comet.Block {
  return create(cosmos.comet.BlockSchema, {
    header: { ...headerOf(ledger, block), proposerAddress: proposer },
    data: { txs: block.transactions.map(({ bytes }) => bytes) },
    evidence: {},
    lastCommit: { height: block.height - 1n },
  });
}

/** The same with the proposer's address as text. */
export function sdkBlockOf(ledger: Ledger, block: CommittedBlock): cosmos.tendermint.Block {
  return create(cosmos.tendermint.BlockSchema, {
    header: {
      ...headerOf(ledger, block),
      proposerAddress: bech32Encode(`${ledger.accountPrefix}valcons`, proposer),
    },
    data: { txs: block.transactions.map(({ bytes }) => bytes) },
    evidence: {},
    lastCommit: { height: block.height - 1n },
  });
}

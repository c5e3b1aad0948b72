import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import * as cosmos from "@p8e/proto/cosmos";
import { type Route, RpcStatusError, service } from "@p8e/rpc";
import { sdkRefusal } from "../domain/refusal.ts";
import type { CommittedBlock } from "../node/block-store.ts";
import type { Ledger } from "../node/ledger.ts";
import { answering } from "./answer.ts";
import { blockIdOf, blockOf, sdkBlockOf } from "./block-message.ts";

/** The Provenance release whose rules the embedded ledger follows. */
const FOLLOWED_VERSION = "1.30.0";

/** What the node says of itself, and its blocks. */
export function nodeServices(ledger: Ledger): readonly (readonly Route[])[] {
  return [
    service(cosmos.tendermint.Service, {
      getNodeInfo: answering(() => nodeInfo(ledger)),
      getSyncing: answering(() => ({ syncing: false })),
      getLatestBlock: answering(async () => wire(ledger, await requireBlock(ledger, ledger.height))),
      getBlockByHeight: answering(async ({ height }: cosmos.tendermint.GetBlockByHeightRequest) => {
        if (height > ledger.height) {
          throw new RpcStatusError("INVALID_ARGUMENT", "requested block height is bigger then the chain length");
        }
        if (height < 1n) throw new RpcStatusError("UNKNOWN", `height must be greater than 0, but got ${height}`);
        return wire(ledger, await requireBlock(ledger, height));
      }),
    }),
    service(cosmos.node.Service, {
      config: answering(() => ({ minimumGasPrice: "" })),
      status: answering(() => {
        const { height, timeMs } = ledger.head;
        return { earliestStoreHeight: 1n, height, timestamp: timestampFromMs(timeMs) };
      }),
    }),
  ];
}

async function requireBlock(ledger: Ledger, height: bigint): Promise<CommittedBlock> {
  const block = await ledger.blockAt(height);
  if (block === undefined) throw sdkRefusal("invalidHeight", `height ${height} must be at least 1`);
  return block;
}

function wire(ledger: Ledger, block: CommittedBlock) {
  return { blockId: blockIdOf(block), block: blockOf(ledger, block), sdkBlock: sdkBlockOf(ledger, block) };
}

function nodeInfo(ledger: Ledger): cosmos.tendermint.GetNodeInfoResponse {
  return create(cosmos.tendermint.GetNodeInfoResponseSchema, {
    defaultNodeInfo: {
      network: ledger.chainId,
      moniker: "p8e-embedded-ledger",
      version: "0.38",
      other: { txIndex: "on" },
    },
    applicationVersion: {
      name: "provenance",
      appName: "p8e-embedded-ledger",
      version: FOLLOWED_VERSION,
      buildTags: "embedded",
    },
  });
}

import type { DescMessage, DescMethodUnary, MessageInitShape } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import type * as cosmos from "@p8e/proto/cosmos";
import type { Actor } from "../ledger-conformance/transaction.ts";
import type { World } from "../ledger-conformance/world.ts";
import { comparable } from "./comparable.ts";

/** Changes what a transaction says, before it is signed. */
export type Alter = (body: cosmos.tx.TxBody, authInfo: cosmos.tx.AuthInfo) => void;

/** A transaction to send to both nodes. */
export interface TransactionStep {
  readonly kind: "transaction";
  /** What it tries, for the reader of a difference. */
  readonly what: string;
  readonly signers: readonly Actor[];
  readonly messages: readonly Any[];
  readonly alter?: Alter;
  /** Like `alter`, where a value depends on the node: heights, its time. */
  readonly alterFor?: (world: World) => Promise<Alter>;
  /** Changes the signatures, one for each signer otherwise. */
  readonly alterSignatures?: (signatures: Uint8Array[]) => Uint8Array[];
  /** Changes the whole bytes. */
  readonly alterBytes?: (bytes: Uint8Array) => Uint8Array;
  /** Another chain's id in what is signed. */
  readonly chainId?: string;
}

/** A question to ask both nodes. */
export interface QueryStep {
  readonly kind: "query";
  readonly what: string;
  readonly ask: (world: World) => Promise<unknown>;
}

/** Time that passes on both nodes. */
export interface WaitStep {
  readonly kind: "wait";
  readonly what: string;
  readonly until: (world: World) => Promise<void>;
}

/** Something that both nodes do. */
export type Step = TransactionStep | QueryStep | WaitStep;

/** A query by its method and its request, with the answer as it is compared. */
export function query<I extends DescMessage, O extends DescMessage>(
  method: DescMethodUnary<I, O>,
  request: MessageInitShape<I>,
  what = "",
): QueryStep {
  return {
    kind: "query",
    what: `${method.parent.typeName.split(".").slice(-3).join(".")}/${method.name} ${what}`.trim(),
    ask: async (world) => comparable(await world.endpoint.ask(method, request)),
  };
}

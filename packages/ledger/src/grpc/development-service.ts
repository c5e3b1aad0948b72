import { isP8eError } from "@p8e/core";
import * as development from "@p8e/proto/development";
import { type Route, RpcStatusError, service } from "@p8e/rpc";
import { FEE_DENOMINATION } from "../domain/coins.ts";
import type { Faucet } from "../node/faucet.ts";
import { answering } from "./answer.ts";

/** The faucet over gRPC: only on a ledger that was started with one. */
export function developmentService(faucet: Faucet): readonly Route[] {
  return service(development.Development, {
    fund: answering(async ({ address }: development.FundRequest, { signal }) => {
      const { amount, transaction } = await faucet.fund(address, signal).catch((error: unknown) => {
        if (isP8eError(error) && error.code !== "ledger.unavailable") {
          throw new RpcStatusError(error.status.grpc, error.message);
        }
        throw error;
      });
      return {
        amount: amount.toString(),
        denom: FEE_DENOMINATION,
        transactionHash: transaction?.hash ?? "",
        height: transaction?.height ?? 0n,
      };
    }),
  });
}

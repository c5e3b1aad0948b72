import { randomUUID } from "node:crypto";
import { ledgerConformance, optionalProvenanced, startProvenanced } from "@p8e/testkit";

const RUN = randomUUID();

await optionalProvenanced("the ledger conformance suite on a real node", (found) =>
  ledgerConformance("provenanced", async () => {
    const node = await startProvenanced(found);
    const { url, chainId, accountPrefix, faucet } = node;
    return {
      url,
      chainId,
      accountPrefix,
      faucet,
      seed: RUN,
      [Symbol.asyncDispose]: () => node[Symbol.asyncDispose](),
    };
  }),
);

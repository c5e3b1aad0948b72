import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { networks } from "@p8e/core";
import { openLedger, serveLedger } from "@p8e/ledger";
import { ledgerConformance } from "@p8e/testkit";
import { faucetKey } from "./fixtures.ts";

ledgerConformance("embedded", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "p8e-ledger-"));
  const network = networks.local;
  const clock = { now: () => Date.now() };
  const ledger = await openLedger({ ...network, dataDir, clock, blockIntervalMs: 20 });
  const served = await serveLedger(ledger, { host: "127.0.0.1", port: 0 });
  return {
    ...network,
    url: served.address,
    faucet: faucetKey(),
    seed: "embedded",
    [Symbol.asyncDispose]: async () => {
      await served.close();
      await ledger[Symbol.asyncDispose]();
      await rm(dataDir, { recursive: true });
    },
  };
});

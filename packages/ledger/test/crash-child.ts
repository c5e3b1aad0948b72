import { networks } from "@p8e/core";
import { openLedger, serveLedger } from "@p8e/ledger";

/** A ledger on its own, for tests that kill it: serves the folder given as argument and says where. */
const [dataDir = ""] = process.argv.slice(2);
const ledger = await openLedger({
  dataDir,
  ...networks.local,
  clock: { now: () => Date.now() },
  blockIntervalMs: 5,
  checkpointBlocks: 7,
});
const served = await serveLedger(ledger, { host: "127.0.0.1", port: 0 });
process.stdout.write(`${served.address}\n`);

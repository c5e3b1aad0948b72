/** A store as a process of its own, configured by its environment; prints its port, stops on SIGTERM. */
import { openObjectStore, parseStoreConfiguration } from "@p8e/object-store";
import { testLog } from "./harness-log.ts";

const store = await openObjectStore(parseStoreConfiguration(process.env), { log: testLog });
process.stdout.write(`${store.port}\n`);
process.once("SIGTERM", async () => {
  await store[Symbol.asyncDispose]();
  process.exit(0);
});

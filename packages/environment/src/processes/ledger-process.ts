// The embedded ledger as a child process of the environment.
import { serveAsChild } from "./serve-child.ts";
import { serveLedgerProcess } from "./serve-ledger.ts";

await serveAsChild(() => serveLedgerProcess(process.env));

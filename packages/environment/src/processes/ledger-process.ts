// The embedded ledger as a child process of the environment.
import { serveAsChild } from "@p8e/machine";
import { serveLedgerProcess } from "./serve-ledger.ts";

await serveAsChild(() => serveLedgerProcess(process.env));

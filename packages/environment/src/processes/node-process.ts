// A real Provenance node as the ledger of an environment, kept by a child process.
import { serveAsChild } from "@p8e/machine";
import { serveNode } from "./serve-node.ts";

await serveAsChild(() => serveNode(process.env, () => process.exit(1)));

import { parentPort, workerData } from "node:worker_threads";
import { isScopeSpecification } from "./scope-specifications-of.ts";

const module = (await import(workerData)) as Record<string, unknown>;
parentPort?.postMessage(Object.values(module).filter(isScopeSpecification));

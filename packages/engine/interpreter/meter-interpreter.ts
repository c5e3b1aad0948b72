// Puts the meter into interpreter.wasm; the folder is the one argument, or else this one.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { meter } from "./meter.ts";

const folder = process.argv[2] ?? import.meta.dirname;
writeFileSync(join(folder, "interpreter.metered.wasm"), meter(readFileSync(join(folder, "interpreter.wasm"))));

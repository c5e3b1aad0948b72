import process from "node:process";
import { P8eError, utf8Encode } from "@p8e/core";
import { KEY_FILE_BYTES_MAX, readSecretFile } from "@p8e/keys";
import { askHidden } from "../terminal/ask.ts";
import { processTerminal } from "./passphrase.ts";

const VARIABLE = /^env:([A-Za-z_][A-Za-z0-9_]{0,127})$/;

/**
 * What `--from` names: a private file, an environment variable, or standard input, which is asked for one hidden line when
 * it is a terminal. The caller wipes it.
 * @throws `key.unavailable`, `key.exposed`, `input.too_large`, `rpc.cancelled`
 */
export async function readKeySource(from: string, signal: AbortSignal): Promise<Uint8Array> {
  if (from === "-") return readStandardInput(signal);
  const variable = VARIABLE.exec(from)?.[1];
  if (variable === undefined) return readSecretFile(from, { sizeMax: KEY_FILE_BYTES_MAX, signal });
  const value = process.env[variable];
  if (value !== undefined && value !== "" && value.length <= KEY_FILE_BYTES_MAX) return utf8Encode(value);
  throw new P8eError("key.unavailable", `the environment variable ${variable} is not set, or too long`, {
    facts: { variable },
  });
}

async function readStandardInput(signal: AbortSignal): Promise<Uint8Array> {
  const terminal = processTerminal();
  if (terminal !== undefined) return askHidden(terminal, "Words, or a key's hex (not shown): ", signal);
  const all = Buffer.alloc(KEY_FILE_BYTES_MAX + 1);
  let length = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    length += chunk.copy(all, length);
    chunk.fill(0);
    if (length > KEY_FILE_BYTES_MAX) {
      all.fill(0);
      throw new P8eError("input.too_large", "standard input is longer than keys or words can be", {
        facts: { sizeMax: KEY_FILE_BYTES_MAX },
      });
    }
  }
  return all.subarray(0, length);
}

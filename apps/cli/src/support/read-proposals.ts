import type { ContractTypes } from "@p8e/contract";
import { P8eError } from "@p8e/core";
import { checkMessage, messageBytesFromJson, valueBudget } from "@p8e/decoding";
import type { FoundContract } from "@p8e/sdk";
import { readFile } from "./read-file.ts";

/** The most bytes of one input. */
export const INPUT_BYTES_MAX: number = 16 * 1024 * 1024;

/**
 * Reads the values that are proposed to a contract, as serialized messages by input name, each from a file, a pipe, or `-` for standard
 * input.
 * @throws `session.invalid` for an input that the contract does not take; `input.invalid`, `input.too_large`
 */
export async function readProposals(
  files: readonly (readonly [name: string, file: string])[],
  { manifest, types }: Pick<FoundContract, "manifest" | "types">,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<Readonly<Record<string, Uint8Array>>> {
  const proposals = new Map<string, Uint8Array>();
  for (const [name, file] of files) {
    const inputs = manifest.functions.flatMap((each) => each.inputs);
    const input = inputs.find((each) => each.name === name);
    if (input === undefined) {
      throw new P8eError("session.invalid", `the contract takes no input "${name}"`, {
        facts: { input: name, takes: [...new Set(inputs.map((each) => each.name))].join(", ") },
      });
    }
    proposals.set(name, await readMessage(types, input.className, file, options.signal));
  }
  return Object.fromEntries(proposals);
}

/**
 * Protocol Buffers' JSON, or their bytes: a google.protobuf.Any may hold a type that the contract does not bring along.
 * @throws `input.invalid`, `input.too_large`
 */
export async function readMessage(
  types: ContractTypes,
  className: string,
  file: string,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const read = await readFile(file, { bytesMax: INPUT_BYTES_MAX, signal });
  const schema = types.messageOfClass(className);
  const hint = "It holds protobuf JSON, or with a name ending in .binpb the message's bytes.";
  const context = { what: `the ${schema.typeName}`, file, hint };
  if (!file.endsWith(".binpb")) return messageBytesFromJson(schema, read, types.registry, context);
  checkMessage(schema, read, context, valueBudget);
  return read;
}

import { examineMessage } from "@p8e/decoding";
import type { RunRequest } from "../sandbox/sandbox.ts";
import type { LoadedContract } from "./load-contract.ts";

/**
 * Whether every value of a request is read as what its contract says it is. Large ones are read on threads of their own.
 *
 * @throws P8eError `input.invalid`, `input.too_large` naming the value and the field; `rpc.cancelled`
 */
export async function examineValues(
  { records, inputs }: Pick<RunRequest, "records" | "inputs">,
  { manifest, types }: LoadedContract,
  signal?: AbortSignal,
): Promise<void> {
  const values = [
    ...records.map(([name, bytes]) => {
      const { typeName } = manifest.records.find((record) => record.name === name)!;
      return { kind: "record", name, typeName, bytes };
    }),
    ...inputs.map(([name, bytes]) => {
      const { typeName } = manifest.functions.flatMap((one) => one.inputs).find((input) => input.name === name)!;
      return { kind: "input", name, typeName, bytes };
    }),
  ];
  for (const { kind, name, typeName, bytes } of values) {
    const context = { what: `the ${kind} ${name}`, facts: { kind, value: name } };
    await examineMessage(types.message(typeName), bytes, context, { types: () => types.bytes, signal });
  }
}

import { bundleHeaderLine } from "@p8e/contract";
import { isP8eError, type P8eError, utf8Encode } from "@p8e/core";
import type { FunctionOutcome, RunRequest, Sandbox } from "../src/index.ts";

/** A bundle written by hand, as an attacker would: `call` is the body of the function that the host calls. */
export function bundleOf(call: string, top = ""): Uint8Array {
  return utf8Encode(
    `${bundleHeaderLine("test.Hostile")}${top}
export const describe = () => "{}";
export const load = (index, payload) => { globalLoad = [index, payload]; };
let globalLoad;
export const call = (name) => { ${call} };
`,
  );
}

export const nothing: RunRequest = {
  startedAt: { seconds: 1n, nanos: 0 },
  records: [],
  inputs: [],
  calls: ["attack"],
};

export async function attack(sandbox: Sandbox, call: string, top = ""): Promise<FunctionOutcome> {
  const { outcomes } = await sandbox.run(bundleOf(call, top), nothing);
  return outcomes[0]!;
}

/** The code of the failure, or "output". */
export async function codeOf(sandbox: Sandbox, call: string, top = ""): Promise<string> {
  try {
    const outcome = await attack(sandbox, call, top);
    return outcome.kind === "output" ? "output" : outcome.failure.code;
  } catch (error) {
    if (isP8eError(error)) return `thrown ${(error as P8eError).code}`;
    throw error;
  }
}

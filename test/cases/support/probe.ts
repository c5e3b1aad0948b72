import { readFileSync } from "node:fs";
import { type ContractTypes, parseContractTypes } from "@p8e/contract";
import { root } from "../../support/sources.ts";

/** The types on which readers of protobuf are compared, as a contract's. */
export async function probeTypes(): Promise<ContractTypes> {
  return await parseContractTypes(readFileSync(`${root}/interop/protobuf/types.binpb`));
}

/** What the command needs to know of a contract that takes one input `p`, a `probe.v1.P`. */
export async function probeContract() {
  const input = { name: "p", typeName: "probe.v1.P", className: "probe.v1.Probe$P" };
  return { types: await probeTypes(), manifest: { functions: [{ inputs: [input] }] } } as never;
}

import { create, toBinary } from "@bufbuild/protobuf";
import {
  FileDescriptorProtoSchema,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
} from "@bufbuild/protobuf/wkt";
import { bundleHeaderLine } from "@p8e/contract";
import { base64Encode, hashContent, isP8eError, type P8eError, utf8Encode } from "@p8e/core";
import { generatePrivateKey, localKey, signMessage } from "@p8e/crypto";
import { executeContract, loadContract, openSandbox, type Sandbox } from "../../src/index.ts";
import { packaged } from "../packaged-contract.ts";
import type { HostileFile, HostileForm } from "./hostile-file.ts";

/** How one file ended: all of it is to be the same on every machine. */
export interface HostileEnd {
  readonly name: string;
  /** In the words of the file's expectation. */
  readonly outcome: string;
  readonly message: string;
  /** Charged for the execution; none where it did not begin. */
  readonly fuel?: number;
}

const MIB = 1024 * 1024;

/** The corpus runs within these, so that each limit is reached in a second. Part of its format. */
export const hostileLimits = {
  memoryBytes: 4 * MIB,
  fuel: 300_000_000,
  loadFuel: 300_000_000,
  outputBytes: MIB / 4,
};

/** Far above what the fuel lasts for, on an emulated processor too. */
const TIMEOUT_MS = 1_800_000;

/** The sandbox that the corpus runs in. */
export function openHostileSandbox(): Sandbox {
  return openSandbox({ limits: hostileLimits, timeoutMs: TIMEOUT_MS });
}

/** Runs one file as its form says. */
export async function runHostileFile(sandbox: Sandbox, file: HostileFile): Promise<HostileEnd> {
  const bundle = utf8Encode(`${bundleHeaderLine("test.Hostile")}${bundles[file.form](file.source)}`);
  try {
    return { name: file.name, ...(await ends[file.form](sandbox, bundle)) };
  } catch (error) {
    if (!isP8eError(error)) throw error;
    return { name: file.name, ...errorEnd(error as P8eError) };
  }
}

type End = Omit<HostileEnd, "name">;

const exported = (call: string, describe = "{}") => `export const describe = () => ${JSON.stringify(describe)};
export const load = () => {};
export const call = () => ${call};
`;

const asItIs = (source: string): string => source;

const bundles: Readonly<Record<HostileForm, (source: string) => string>> = {
  text: (source) => exported(`new TextEncoder().encode(String((() => {\n${source}\n})()))`),
  bytes: (source) => exported(`{\n${source}\n}`),
  message: (source) => exported(`{\n${source}\n}`, outDescription()),
  module: asItIs,
  describe: asItIs,
  contract: asItIs,
};

const ends: Readonly<Record<HostileForm, (sandbox: Sandbox, bundle: Uint8Array) => Promise<End>>> = {
  text: (sandbox, bundle) => called(sandbox, bundle, (output) => new TextDecoder().decode(output)),
  module: (sandbox, bundle) => called(sandbox, bundle, (output) => new TextDecoder().decode(output)),
  bytes: (sandbox, bundle) => called(sandbox, bundle, shownBytes),
  async describe(sandbox, bundle) {
    return { outcome: passes(await sandbox.describe(bundle)), message: "" };
  },
  async contract(sandbox, bundle) {
    const { manifest } = await loadContract(sandbox, bundle, hashContent(bundle));
    return { outcome: passes(manifest.className), message: "" };
  },
  async message(sandbox, bundle) {
    const loaded = await loadContract(sandbox, bundle, hashContent(bundle));
    const key = localKey(generatePrivateKey((length) => new Uint8Array(length).fill(7)));
    const sign = (bytes: Uint8Array) => signMessage(key, bytes);
    const outcome = await executeContract(sandbox, { ...packaged(loaded, {}), loaded, sign });
    const fuel = Number(outcome.contract.considerations[0]!.result!.fuel);
    if (outcome.kind === "failed") return { ...failureEnd(outcome.failure.code, outcome.failure), fuel };
    const [result] = outcome.results;
    if (result?.outcome !== "PASS") throw new Error("broken invariant: a function without inputs runs");
    return { outcome: passes(shownBytes(result.bytes)), message: "", fuel };
  },
};

async function called(sandbox: Sandbox, bundle: Uint8Array, shown: (output: Uint8Array) => string): Promise<End> {
  const request = { startedAt: { seconds: 1n, nanos: 0 }, records: [], inputs: [], calls: ["attack"] };
  const { outcomes, loadFuel } = await sandbox.run(bundle, request);
  const outcome = outcomes[0]!;
  const fuel = loadFuel + outcome.fuel;
  if (outcome.kind === "failure") return { ...failureEnd(outcome.failure.code, outcome.failure), fuel };
  return { outcome: passes(shown(outcome.output)), message: "", fuel };
}

function errorEnd({ code, message, facts }: P8eError): End {
  const { step, error } = facts;
  const where = step === "load bundle" ? "loading " : step === "load" ? "at load " : "";
  const said = typeof facts.message === "string" ? facts.message : message;
  const { outcome } = failureEnd(code, { name: String(error ?? ""), message: said, facts });
  return { outcome: where + outcome, message: said };
}

function failureEnd(
  code: string,
  failure: { readonly name: string; readonly message: string; readonly facts: Readonly<Record<string, unknown>> },
): End {
  const named =
    code === "contract.failed" ? failure.name : code === "contract.no_authority" ? String(failure.facts.name) : "";
  return { outcome: `${code} ${named}`.trim(), message: failure.message };
}

const passes = (value: string): string => `passes ${value}`.trim();

function shownBytes(bytes: Uint8Array): string {
  if (bytes.length > 64) return `${bytes.length} bytes`;
  return ["bytes", ...Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"))].join(" ");
}

/** What the bundle of a `message` says of itself: one function that writes an `x.Out`. */
function outDescription(): string {
  const singular = { label: Label.OPTIONAL };
  const repeated = { label: Label.REPEATED };
  const entry = {
    name: "CountsEntry",
    field: [
      { name: "key", number: 1, ...singular, type: Type.STRING },
      { name: "value", number: 2, ...singular, type: Type.INT32 },
    ],
    options: { mapEntry: true },
  };
  const file = create(FileDescriptorProtoSchema, {
    name: "x.proto",
    package: "x",
    syntax: "proto3",
    enumType: [{ name: "Kind", value: [{ name: "NONE", number: 0 }] }],
    messageType: [
      {
        name: "Out",
        nestedType: [entry],
        oneofDecl: [{ name: "choice" }, { name: "_exact" }],
        field: [
          { name: "number", number: 1, ...singular, type: Type.INT32 },
          { name: "text", number: 2, ...singular, type: Type.STRING },
          { name: "items", number: 3, ...repeated, type: Type.INT32 },
          { name: "counts", number: 4, ...repeated, type: Type.MESSAGE, typeName: ".x.Out.CountsEntry" },
          { name: "nested", number: 5, ...singular, type: Type.MESSAGE, typeName: ".x.Out" },
          { name: "flag", number: 6, ...singular, type: Type.BOOL, oneofIndex: 0 },
          { name: "raw", number: 7, ...singular, type: Type.BYTES, oneofIndex: 0 },
          { name: "exact", number: 8, ...singular, type: Type.DOUBLE, oneofIndex: 1, proto3Optional: true },
          { name: "kind", number: 9, ...singular, type: Type.ENUM, typeName: ".x.Kind" },
          { name: "wide", number: 10, ...repeated, type: Type.MESSAGE, typeName: ".x.Wide" },
        ],
      },
      {
        name: "Wide",
        field: Array.from({ length: 1000 }, (_, index) => ({
          name: `f${index}`,
          number: index + 1,
          ...repeated,
          type: Type.INT32,
        })),
      },
    ],
  });
  return JSON.stringify({
    className: "test.Hostile",
    scopes: ["x"],
    participants: ["OWNER"],
    records: [],
    functions: [{ name: "attack", invokedBy: "OWNER", inputs: [], writes: "out", typeName: "x.Out", lineage: [] }],
    files: { "x.proto": base64Encode(toBinary(FileDescriptorProtoSchema, file)) },
  });
}

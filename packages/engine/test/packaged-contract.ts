import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { Int32ValueSchema, StringValueSchema } from "@bufbuild/protobuf/wkt";
import { CONTRACT_SPEC_CLASS } from "@p8e/contract";
import { type ContentHash, hashContent } from "@p8e/core";
import * as scope from "@p8e/proto/scope";
import type { LoadedContract } from "../src/index.ts";

export const text = (value: string): Uint8Array => toBinary(StringValueSchema, create(StringValueSchema, { value }));
export const number = (value: number): Uint8Array => toBinary(Int32ValueSchema, create(Int32ValueSchema, { value }));

export interface Packaged {
  readonly contract: scope.Contract;
  readonly objects: Map<ContentHash, Uint8Array>;
}

/** A contract as an invoker packages it (p8e-scope-sdk, sdk: SessionBuilder). */
export function packaged(
  { manifest, specification }: LoadedContract,
  values: {
    readonly records?: Readonly<Record<string, Uint8Array>>;
    readonly inputs?: Readonly<Record<string, Uint8Array>>;
  },
): Packaged {
  const objects = new Map<ContentHash, Uint8Array>();
  const keep = (bytes: Uint8Array): ContentHash => {
    const hash = hashContent(bytes);
    objects.set(hash, bytes);
    return hash;
  };
  const { records = {}, inputs = {} } = values;
  const key = { publicKeyBytes: new Uint8Array(65).fill(4) };
  const contract: MessageInitShape<typeof scope.ContractSchema> = {
    definition: specification.message.definition!,
    spec: {
      name: specification.message.definition!.name,
      dataLocation: { ref: { hash: specification.hash }, classname: CONTRACT_SPEC_CLASS },
    },
    inputs: manifest.records.map(({ name, className: classname }) => {
      const bytes = records[name];
      return bytes === undefined ? { name } : { name, dataLocation: { ref: { hash: keep(bytes) }, classname } };
    }),
    considerations: manifest.functions.map((one) => ({
      considerationName: one.name,
      inputs: one.inputs.flatMap(({ name, className: classname }) => {
        const bytes = inputs[name];
        return bytes === undefined ? [] : [{ name, classname, hash: keep(bytes) }];
      }),
    })),
    recitals: specification.message.partiesInvolved.map((signerRole) => ({
      signerRole,
      signer: { signingPublicKey: key, encryptionPublicKey: key },
    })),
    timesExecuted: 1,
    startTime: { seconds: 1_000n, nanos: 1 },
  };
  return { contract: create(scope.ContractSchema, contract), objects };
}

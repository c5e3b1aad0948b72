import { parseJson, shape } from "@p8e/core";

/**
 * What a bundle says of itself when asked. It comes out of the sandbox, so it is checked before it is believed:
 * `parseContractDescription`.
 */
export interface ContractDescription {
  readonly className: string;
  readonly scopes: readonly string[];
  readonly participants: readonly string[];
  readonly records: readonly DescribedRecord[];
  readonly functions: readonly DescribedFunction[];
  /** Every `.proto` file that the types need, by name: a serialized FileDescriptorProto in base64. */
  readonly files: Readonly<Record<string, string>>;
}

/** A record that the contract reads. */
export interface DescribedRecord {
  readonly name: string;
  /** The message's full protobuf name. */
  readonly typeName: string;
  readonly optional: boolean;
}

/** A value that a function takes; `typeName` is the message's full protobuf name. */
export interface DescribedInput {
  readonly name: string;
  readonly typeName: string;
}

/** A function; `typeName` is the full protobuf name of the message it `writes`. */
export interface DescribedFunction {
  readonly name: string;
  readonly invokedBy: string;
  readonly inputs: readonly DescribedInput[];
  readonly writes: string;
  readonly typeName: string;
  readonly lineage: readonly string[];
  readonly skipIfExists?: string;
}

/** A bundle has 2 MiB at most, and its types, which are most of the description, are in it. */
export const DESCRIPTION_BYTES_MAX = 4 * 1024 * 1024;

const text = shape.text({ lengthMax: DESCRIPTION_BYTES_MAX, says: "text" });
const typed = { name: text, typeName: text };

/** A newer author's library may say more. */
const descriptionShape = shape.openObject({
  className: text,
  scopes: shape.list(text),
  participants: shape.list(text),
  records: shape.list(shape.openObject({ ...typed, optional: shape.flag() })),
  functions: shape.list(
    shape.openObject({
      ...typed,
      invokedBy: text,
      inputs: shape.list(shape.openObject(typed)),
      writes: text,
      lineage: shape.list(text),
      skipIfExists: shape.optional(text),
    }),
  ),
  files: shape.map(text),
});

/**
 * The description in a bundle's answer, after checking its shape; its rules are checked by `checkContract`.
 *
 * @throws P8eError `contract.invalid`
 */
export function parseContractDescription(answer: string): ContractDescription {
  return parseJson(descriptionShape, answer, {
    what: "the bundle's description",
    code: "contract.invalid",
    bytesMax: DESCRIPTION_BYTES_MAX,
  });
}

import type { DescriptorProto, EnumDescriptorProto, FileDescriptorProto } from "@bufbuild/protobuf/wkt";
import { type DecodingContext, decodingError } from "./decoding-fault.ts";

/** Of all types together. A Provenance node's have a hundred thousand. */
const CHARACTERS_MAX = 1_000_000;

/**
 * Looks at what the full names of foreign types come to, before a registry writes them out. The name of a type has in it
 * those of all that it stands in: a long one and many short ones in it are few bytes, and gigabytes when they are
 * written out.
 *
 * @throws P8eError the code of `context` for what costs too much
 */
export function checkFullNames(files: Iterable<FileDescriptorProto>, context: DecodingContext): void {
  let characters = 0;
  const add = (scope: number, { name }: { readonly name: string }): number => {
    const length = scope + 1 + name.length;
    characters += length;
    if (characters > CHARACTERS_MAX) {
      const limit = { of: "resultBytes", max: CHARACTERS_MAX } as const;
      const problem = "has types whose names are too long, each written out with those that it stands in";
      throw decodingError({ field: "", problem, limit }, context);
    }
    return length;
  };
  const enter = (scope: number, { enums, messages, others }: Declared): void => {
    for (const each of [...enums, ...others]) add(scope, each);
    for (const each of messages) {
      const { enumType, nestedType, extension } = each;
      enter(add(scope, each), { enums: enumType, messages: nestedType, others: extension });
    }
  };
  for (const { package: scope, enumType, messageType, extension, service } of files) {
    enter(scope.length, { enums: enumType, messages: messageType, others: [...extension, ...service] });
  }
}

interface Declared {
  readonly enums: readonly EnumDescriptorProto[];
  readonly messages: readonly DescriptorProto[];
  readonly others: readonly { readonly name: string }[];
}

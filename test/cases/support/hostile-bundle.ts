import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { bundleHeaderLine } from "@p8e/contract";
import { base64Encode, utf8Encode } from "@p8e/core";

/** What a bundle says of itself when its one function `go` writes an `x.Out` of these files. */
export function describing(...files: readonly MessageInitShape<typeof FileDescriptorProtoSchema>[]): string {
  return JSON.stringify({
    className: "x.Hostile",
    scopes: ["x"],
    participants: ["OWNER"],
    records: [],
    functions: [{ name: "go", invokedBy: "OWNER", inputs: [], writes: "out", typeName: "x.Out", lineage: [] }],
    files: Object.fromEntries(
      files.map((file) => [
        file.name ?? "",
        base64Encode(toBinary(FileDescriptorProtoSchema, create(FileDescriptorProtoSchema, file))),
      ]),
    ),
  });
}

/** A bundle by hand: an expression for its description, and the body of its function. */
export function hostileBundle(description: string, call = "return new Uint8Array(0);"): Uint8Array {
  return utf8Encode(`${bundleHeaderLine("x.Hostile")}export const describe = () => ${description};
export const load = () => {};
export const call = () => { ${call} };
`);
}

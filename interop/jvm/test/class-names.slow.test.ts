// The ledger names types as the JVM does. Every class name that we derive from a .proto file is compared with the
// classes that the real generator and javac make from it.
import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { javaClassIndex, javaClassName } from "@p8e/proto/java-class-name";
import { compileProtos } from "../classes.ts";
import { findJvmPeer } from "../driver.ts";
import { optionalPeer } from "../maven.ts";

const peer = await findJvmPeer();
const root = join(import.meta.dirname, "..", "..", "..");
const FOLDERS = ["examples/loan/proto", "examples/hello/proto", "interop/jvm/classes/proto"].map((path) =>
  join(root, path),
);

describe("Java class names", { skip: peer.missing ?? false }, async () => {
  if (peer.missing !== undefined) return;
  const generated = await optionalPeer("Java class names", () => compileProtos(FOLDERS));
  if (!generated) return;
  const { descriptorSet, classes } = generated;
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptorSet));
  const compiled = new Map(classes.map((each) => [each.typeName, each]));
  const types = [...registry.files].flatMap((file) => [...nestedTypes(file)]);

  test("of every message and enum of the examples, and of awkward files, are those of the compiled classes", () => {
    let compared = 0;
    for (const type of types) {
      if (type.kind !== "message" && type.kind !== "enum") continue;
      assert.equal(javaClassName(type), compiled.get(type.typeName)?.className, type.typeName);
      compared += 1;
    }
    assert(compared > 150, `${compared} types`);
  });

  test("lead back to their messages, and no class of the examples is missing from the index", () => {
    const index = javaClassIndex(registry);
    for (const each of classes) {
      if (each.kind !== "message" || each.className.startsWith("com.google.protobuf.")) continue;
      assert.equal(
        index.get(each.className as Parameters<typeof index.get>[0])?.typeName,
        each.typeName,
        each.className,
      );
    }
  });

  test("of types the loan contracts record are the ones the ledger has", () => {
    const known = [
      ["tech.figure.asset.v1beta1.Asset", "tech.figure.asset.v1beta1.Asset"],
      ["tech.figure.util.v1beta1.DocumentMetadata", "tech.figure.util.v1beta1.DocumentMetadata"],
      ["com.example.many.First$Second$Third", "p8e.interop.multiple.First.Second.Third"],
      ["com.example.named.Everything$lower_case_name$Old", "p8e.interop.named.lower_case_name.Old"],
      ["p8e.interop.taken.OuterClassIsTakenOuterClass$OuterClassIsTaken", "p8e.interop.taken.OuterClassIsTaken"],
      ["NoPackage$Lonely", "Lonely"],
    ];
    for (const [className, typeName] of known) assert.equal(compiled.get(typeName ?? "")?.className, className);
  });
});

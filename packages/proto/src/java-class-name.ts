import {
  type DescEnum,
  type DescFile,
  type DescMessage,
  type FileRegistry,
  isFieldSet,
  type Registry,
} from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import {
  type DescriptorProto,
  Edition,
  type EnumDescriptorProto,
  type FeatureSet,
  FileOptionsSchema,
} from "@bufbuild/protobuf/wkt";
import { type Brand, P8eError } from "@p8e/core";
import { descriptorProtoFile } from "./descriptor-proto-file.ts";

/** A JVM binary class name, `package.Outer$Inner`: how the ledger and every record name a type. */
export type JavaClassName = Brand<string, "JavaClassName">;

/** The ledger takes no longer type or class name. */
const LENGTH_MAX = 1000;
const PATTERN = /^[\p{ID_Start}_$][\p{ID_Continue}$]*(?:\.[\p{ID_Start}_$][\p{ID_Continue}$]*)*$/u;

/**
 * @throws P8eError `name.invalid` unless the text is dot-separated Java identifiers, 1000 characters at most
 */
export function parseJavaClassName(text: string): JavaClassName {
  if (text.length > LENGTH_MAX || !PATTERN.test(text)) {
    throw new P8eError("name.invalid", "this is not a Java class name", {
      facts: { length: text.length, name: text.slice(0, 100) },
    });
  }
  return text as JavaClassName;
}

/**
 * The name of the class that the Java generator of Protocol Buffers makes for a message or an enum.
 *
 * The rule is the generator's: package from `java_package` if present; outside the file's class if
 * `java_multiple_files`, else inside it; the file's class from `java_outer_classname` if present, else the file name in
 * camel case, with `OuterClass` behind it where a type of the file has exactly that name. From edition 2024 on the
 * default ends in `Proto` and types are outside unless `(pb.java).nest_in_file_class` says YES.
 *
 * @throws P8eError `name.invalid` if no Java could be generated from the file: the file's class is named as one of its
 *   types, or the result is no Java name
 */
export function javaClassName(desc: DescMessage | DescEnum): JavaClassName {
  return classNameIn(desc, outerClassName(desc.file));
}

/** `outer` is the name of the file's class; to find it, all types of the file are looked at. */
function classNameIn(desc: DescMessage | DescEnum, outer: string): JavaClassName {
  const path = [desc.name];
  let top: DescMessage | DescEnum = desc;
  while (top.parent !== undefined) {
    top = top.parent;
    path.unshift(top.name);
  }
  const nested = path.join("$");
  const className = isNestedInFileClass(top) ? `${outer}$${nested}` : nested;
  const javaPackage = javaPackageOf(desc.file);
  return parseJavaClassName(javaPackage === "" ? className : `${javaPackage}.${className}`);
}

/**
 * Messages by their Java class name, nested ones included. `aliases` adds names that a type had before it was renamed.
 *
 * @throws P8eError `name.invalid` if two types, enums included, have one name, or a name cannot be derived
 */
export function javaClassIndex(
  source: Registry | FileRegistry | Iterable<DescFile>,
  aliases: Iterable<readonly [name: string, message: DescMessage]> = [],
): ReadonlyMap<JavaClassName, DescMessage> {
  const byName = new Map<JavaClassName, DescMessage | DescEnum>();
  const add = (name: JavaClassName, desc: DescMessage | DescEnum) => {
    const other = byName.get(name);
    if (other !== undefined && other.typeName !== desc.typeName) {
      throw new P8eError("name.invalid", `two types have the Java class name ${name}`, {
        facts: { className: name, types: [other.typeName, desc.typeName] },
        hint: "give one of their files another java_package or java_outer_classname",
      });
    }
    if (other === undefined) byName.set(name, desc);
  };
  const outers = new Map<DescFile, string>();
  for (const desc of typesOf(source)) {
    const outer = outers.get(desc.file) ?? outerClassName(desc.file);
    outers.set(desc.file, outer);
    add(classNameIn(desc, outer), desc);
  }
  for (const [name, message] of aliases) add(parseJavaClassName(name), message);
  const messages = new Map<JavaClassName, DescMessage>();
  for (const [name, desc] of byName) if (desc.kind === "message") messages.set(name, desc);
  return messages;
}

function* typesOf(source: Registry | FileRegistry | Iterable<DescFile>): Iterable<DescMessage | DescEnum> {
  for (const element of source) {
    if (element.kind === "message" || element.kind === "enum") yield element;
    if (element.kind !== "file") continue;
    for (const desc of nestedTypes(element)) if (desc.kind === "message" || desc.kind === "enum") yield desc;
  }
}

function javaPackageOf(file: DescFile): string {
  if (file.proto.name === descriptorProtoFile.name) return descriptorProtoFile.javaPackage;
  const options = file.proto.options;
  if (options && isFieldSet(options, FileOptionsSchema.field.javaPackage)) return options.javaPackage;
  return file.proto.package;
}

function outerClassName(file: DescFile): string {
  if (file.proto.name === descriptorProtoFile.name) return descriptorProtoFile.javaOuterClassname;
  const options = file.proto.options;
  const stated = options && isFieldSet(options, FileOptionsSchema.field.javaOuterClassname);
  let name = stated ? options.javaOuterClassname : camelCase(baseName(file.proto.name));
  if (!stated) {
    if (file.edition >= Edition.EDITION_2024) name += "Proto";
    else if (declares(file, name)) name += "OuterClass";
  }
  if (declares(file, name)) {
    throw new P8eError("name.invalid", `${file.proto.name} declares a type named as its own Java class, ${name}`, {
      facts: { file: file.proto.name, className: name },
      hint: "set java_outer_classname to a name that no type of the file has",
    });
  }
  return name;
}

function baseName(fileName: string): string {
  return fileName.slice(fileName.lastIndexOf("/") + 1).replace(/\.(?:proto|protodevel)$/, "");
}

function camelCase(text: string): string {
  let out = "";
  let up = true;
  for (const character of text) {
    if (/[a-z]/.test(character)) {
      out += up ? character.toUpperCase() : character;
      up = false;
    } else if (/[A-Z]/.test(character)) {
      out += character;
      up = false;
    } else {
      if (/[0-9]/.test(character)) out += character;
      up = true;
    }
  }
  return out;
}

// Walks the descriptor's own messages, because the entry types of maps count too and the runtime hides those.
function declares(file: DescFile, name: string): boolean {
  const { messageType, enumType, service } = file.proto;
  return isDeclaredIn(messageType, enumType, name) || service.some((element) => element.name === name);
}

function isDeclaredIn(
  messages: readonly DescriptorProto[],
  enums: readonly EnumDescriptorProto[],
  name: string,
): boolean {
  return (
    enums.some((element) => element.name === name) ||
    messages.some((element) => element.name === name || isDeclaredIn(element.nestedType, element.enumType, name))
  );
}

function isNestedInFileClass(top: DescMessage | DescEnum): boolean {
  if (top.file.proto.name === descriptorProtoFile.name) return true;
  if (top.file.edition < Edition.EDITION_2024) return top.file.proto.options?.javaMultipleFiles !== true;
  return nestInFileClass(top.proto.options?.features) === NEST_YES;
}

// (pb.java) on FeatureSet, and nest_in_file_class in it; both are extensions this runtime does not know by name.
const JAVA_FEATURES_NUMBER = 1001;
const NEST_IN_FILE_CLASS_NUMBER = 5;
const NEST_YES = 2;

function nestInFileClass(features: FeatureSet | undefined): number | undefined {
  let value: number | undefined;
  for (const unknown of features?.$unknown ?? []) {
    if (unknown.no !== JAVA_FEATURES_NUMBER || unknown.wireType !== WireType.LengthDelimited) continue;
    const reader = new BinaryReader(new BinaryReader(unknown.data).bytes());
    while (reader.pos < reader.len) {
      const [number, wireType] = reader.tag();
      if (number === NEST_IN_FILE_CLASS_NUMBER && wireType === WireType.Varint) value = reader.uint32();
      else reader.skip(wireType, number);
    }
  }
  return value;
}

import type { FileDescriptorProto } from "@bufbuild/protobuf/wkt";
import { hasCode, P8eError } from "@p8e/core";
import { ServerReflection, type ServerReflectionResponse } from "@p8e/proto/reflection";
import type { NodeEndpoint } from "../endpoint/endpoint.ts";
import { DESCRIPTION_LIMITS, descriptorFile, registryOf } from "./described-types.ts";
import { MessageTypes } from "./message-types.ts";

/** Servers send what a file imports with it, or leave it to be asked for. */
const QUESTIONS_MAX = 500;

type Answer = Extract<ServerReflectionResponse["messageResponse"], { case: "fileDescriptorResponse" }>["value"];

/**
 * Types as a node describes them by gRPC reflection (`grpc.reflection.v1alpha`: Provenance 1.30 answers no other). Whoever
 * signs a message by them trusts the node to name its fields rightly.
 * @throws `input.invalid` when the node does not have a type; `rpc.unimplemented` when it does not describe its types;
 *   `rpc.protocol` when what it sends is too much or no description
 */
export async function reflectTypes(
  node: NodeEndpoint,
  typeNames: readonly string[],
  signal?: AbortSignal,
): Promise<MessageTypes> {
  const { serverReflectionInfo } = node.service(ServerReflection);
  const files = new Map<string, FileDescriptorProto>();
  let bytes = 0;
  let questions = 0;
  const ask = async (messageRequest: Request): Promise<void> => {
    questions += 1;
    if (questions > QUESTIONS_MAX) throw unreadable("too much");
    const answer = await node.ask((call) => onlyOne(serverReflectionInfo([{ messageRequest }], call)), { signal });
    for (const file of filesOf(answer, messageRequest)) {
      bytes += file.length;
      if (bytes > DESCRIPTION_LIMITS.bytes || files.size >= DESCRIPTION_LIMITS.files) throw unreadable("too much");
      const described = readable(() => descriptorFile(file));
      files.set(described.name, described);
    }
  };
  for (const value of typeNames) {
    await ask({ case: "fileContainingSymbol", value }).catch((error: unknown) => {
      throw withoutReflection(error, value);
    });
  }
  for (let missing = missingIn(files); missing.length > 0; missing = missingIn(files)) {
    for (const value of missing) {
      await ask({ case: "fileByFilename", value });
      if (!files.has(value)) throw unreadable(`no file ${value.slice(0, 200)}, which another imports`);
    }
  }
  const types = new MessageTypes(readable(() => registryOf(files)));
  const absent = typeNames.find((name) => !types.has(name));
  if (absent !== undefined) throw unknownType(absent);
  return types;
}

type Request = {
  readonly case: "fileContainingSymbol" | "fileByFilename";
  readonly value: string;
};

/** A question is a stream of its own, with one answer. It is read to its end: servers count streams that are broken off. */
async function onlyOne(answers: AsyncIterable<ServerReflectionResponse>): Promise<ServerReflectionResponse> {
  let only: ServerReflectionResponse | undefined;
  for await (const answer of answers) {
    if (only !== undefined) throw unreadable("two answers to one question");
    only = answer;
  }
  if (only === undefined) throw unreadable("no answer");
  return only;
}

const NOT_FOUND = 5;

function filesOf({ messageResponse }: ServerReflectionResponse, { value }: Request): Answer["fileDescriptorProto"] {
  if (messageResponse.case === "fileDescriptorResponse") return messageResponse.value.fileDescriptorProto;
  if (messageResponse.case === "errorResponse" && messageResponse.value.errorCode === NOT_FOUND) {
    throw unknownType(value);
  }
  throw unreadable("another answer than was asked for");
}

function missingIn(files: ReadonlyMap<string, FileDescriptorProto>): readonly string[] {
  const wanted = new Set([...files.values()].flatMap((file) => file.dependency));
  return [...wanted].filter((name) => !files.has(name));
}

function unknownType(typeName: string): P8eError {
  return new P8eError("input.invalid", `the node knows no type ${typeName.slice(0, 200)}`, {
    facts: { type: typeName.slice(0, 200) },
    hint: "Its name is written as the chain's .proto files have it; a newer node may know it.",
  });
}

function readable<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw unreadable("types that cannot be read", cause);
  }
}

function unreadable(what: string, cause?: unknown): P8eError {
  return new P8eError("rpc.protocol", `asked for its types, the node sent ${what}`, { cause });
}

/** The node's own words, where it does not describe its types at all. */
function withoutReflection(error: unknown, typeName: string): unknown {
  if (!hasCode(error, "rpc.unimplemented")) return error;
  return new P8eError("rpc.unimplemented", `the node does not describe its types, ${typeName} among them`, {
    facts: { type: typeName },
    hint: "Name a file that does: --types FILE.binpb, as buf build makes one.",
    cause: error,
  });
}

// The program that the official conformance runner of Protocol Buffers questions: every message that it hands over is read
// as p8e reads what strangers send. Its one argument is the file of the types. It ends when its input does.
import { readFileSync } from "node:fs";
import process from "node:process";
import {
  create,
  createFileRegistry,
  type DescMessage,
  type FileRegistry,
  fromBinary,
  type Message,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { isP8eError } from "@p8e/core";
import { decodeMessage, messageBytesFromJson } from "@p8e/decoding";

/** `conformance.WireFormat` */
const FORMAT = { protobuf: 1, json: 2 } as const;
/** `conformance.TestCategory.JSON_IGNORE_UNKNOWN_PARSING_TEST`: p8e has no such reading. */
const IGNORING_UNKNOWN = 3;

interface Request extends Message<"conformance.ConformanceRequest"> {
  readonly payload:
    | { readonly case: "protobufPayload"; readonly value: Uint8Array }
    | { readonly case: "jsonPayload" | "jspbPayload" | "textPayload"; readonly value: string }
    | { readonly case: undefined };
  readonly requestedOutputFormat: number;
  readonly messageType: string;
  readonly testCategory: number;
}

type Answer =
  | { readonly case: "parseError" | "serializeError" | "jsonPayload" | "skipped"; readonly value: string }
  | { readonly case: "protobufPayload"; readonly value: Uint8Array };

const [typesFile = ""] = process.argv.slice(2);
const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(typesFile)));
const requestSchema = messageOf(registry, "conformance.ConformanceRequest");
const responseSchema = messageOf(registry, "conformance.ConformanceResponse");

/** Of the input, what belongs to no question yet. */
let rest: Buffer = Buffer.alloc(0);
for await (const chunk of process.stdin) {
  rest = Buffer.concat([rest, chunk as Buffer]);
  for (let length: number; rest.length >= 4; rest = rest.subarray(4 + length)) {
    length = rest.readUInt32LE();
    if (rest.length < 4 + length) break;
    const result = answerTo(fromBinary(requestSchema, rest.subarray(4, 4 + length)) as Request);
    const answer = toBinary(responseSchema, create(responseSchema, { result }));
    const head = Buffer.alloc(4);
    head.writeUInt32LE(answer.length);
    process.stdout.write(Buffer.concat([head, answer]));
  }
}

function answerTo({ payload, requestedOutputFormat, messageType, testCategory }: Request): Answer {
  // The first question asks for the names of expected failures; the runner reads them from a file of ours.
  if (messageType === "conformance.FailureSet") return { case: "protobufPayload", value: new Uint8Array() };
  if (testCategory === IGNORING_UNKNOWN) return { case: "skipped", value: "unknown fields are never ignored in JSON" };
  if (requestedOutputFormat !== FORMAT.protobuf && requestedOutputFormat !== FORMAT.json) {
    return { case: "skipped", value: "neither serialized nor JSON is asked for" };
  }
  const schema = messageOf(registry, messageType);
  let message: Message;
  try {
    if (payload.case === "protobufPayload") {
      message = decodeMessage(schema, payload.value, { what: "the message" });
    } else if (payload.case === "jsonPayload") {
      const bytes = messageBytesFromJson(schema, payload.value, registry, { what: "the text" });
      message = decodeMessage(schema, bytes, { what: "the message" });
    } else {
      return { case: "skipped", value: "neither serialized nor JSON is given" };
    }
  } catch (error) {
    // Whatever else is thrown ends this program, and with it the run.
    if (!isP8eError(error)) throw error;
    return { case: "parseError", value: error.message };
  }
  if (requestedOutputFormat === FORMAT.protobuf) return { case: "protobufPayload", value: toBinary(schema, message) };
  try {
    return { case: "jsonPayload", value: JSON.stringify(toJson(schema, message, { registry })) };
  } catch (error) {
    return { case: "serializeError", value: String(error) };
  }
}

function messageOf(types: FileRegistry, name: string): DescMessage {
  const found = types.getMessage(name);
  if (found === undefined) throw new Error(`${name} is not among the types`);
  return found;
}

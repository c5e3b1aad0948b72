// The thread behind examineMessage: it answers the one question that it was started with.
import { parentPort, workerData } from "node:worker_threads";
import { createFileRegistry, fromBinary, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { equalBytes } from "@p8e/core";
import { DecodingFault } from "../decoding-fault.ts";
import { FieldPath } from "../field-path.ts";
import { scanMessage } from "../scan-message.ts";
import type { ThreadAnswer, ThreadQuestion } from "./on-thread.ts";

function answerTo({ types, typeName, bytes, budget, encode }: ThreadQuestion): ThreadAnswer {
  // What the host made, of types that it has read.
  const schema = createFileRegistry(fromBinary(FileDescriptorSetSchema, types)).getMessage(typeName);
  if (schema === undefined) throw new Error(`broken invariant: ${typeName} is not among the types`);
  let fields: number;
  try {
    fields = scanMessage(schema, bytes, budget, new FieldPath(), encode);
  } catch (thrown) {
    if (thrown instanceof DecodingFault) return { kind: "refused", refusal: thrown.refusal };
    throw thrown;
  }
  return { kind: "read", fields, same: encode && equalBytes(toBinary(schema, fromBinary(schema, bytes)), bytes) };
}

parentPort!.postMessage(answerTo(workerData as ThreadQuestion));

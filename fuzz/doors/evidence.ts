import { create, toBinary } from "@bufbuild/protobuf";
import * as scope from "@p8e/proto/scope";
import { decodeEvidence } from "../../packages/sdk/src/session/evidence.ts";
import { type Door, functionDoor } from "../door.ts";
import { messageBytes } from "../grammar.ts";

const BYTES_MAX = 4 * 1024 * 1024;

/** What a partner stored as the evidence of a session. */
export async function openDoor(): Promise<Door> {
  const contract = create(scope.ContractSchema, {
    considerations: [{ considerationName: "go", inputs: [{ name: "x" }] }],
    recitals: [{ signerRole: 1 }],
    timesExecuted: 1,
  });
  return functionDoor({
    seeds: [toBinary(scope.EnvelopeSchema, create(scope.EnvelopeSchema, { contract }))],
    bytesMax: BYTES_MAX,
    generate: (random) => messageBytes(random, scope.EnvelopeSchema, { bytesMax: BYTES_MAX / 2 }),
    run: (input) => void decodeEvidence(input),
  });
}

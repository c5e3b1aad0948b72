import { toBinary } from "@bufbuild/protobuf";
import { concatBytes } from "@p8e/core";
import { decodeMessage, valueBudget } from "@p8e/decoding";
import { type Door, functionDoor } from "../door.ts";
import { messageBytes } from "../grammar.ts";
import { legacy, probe } from "../probe-types.ts";

const BYTES_MAX = 1024 * 1024;

/** A contract's input in protobuf's binary form; the first byte chooses the type. */
export async function openDoor(): Promise<Door> {
  return functionDoor({
    seeds: [Uint8Array.of(0, 8, 1), Uint8Array.of(1, 8, 1)],
    bytesMax: BYTES_MAX,
    generate: (random) => {
      const kind = random.below(2);
      return concatBytes(
        Uint8Array.of(kind),
        messageBytes(random, kind === 0 ? probe : legacy, { bytesMax: BYTES_MAX / 8 }),
      );
    },
    run(input) {
      const schema = input[0] === 1 ? legacy : probe;
      const message = decodeMessage(schema, input.subarray(1), { what: "the input" }, { budget: valueBudget });
      decodeMessage(schema, toBinary(schema, message), { what: "what was written of it" }, { budget: valueBudget });
    },
  });
}

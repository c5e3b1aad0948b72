import { concatBytes } from "@p8e/core";
import { isCanonicalMessage } from "@p8e/decoding";
import { fileDescriptorSet } from "@p8e/proto/file-descriptor-set";
import { type Door, functionDoor } from "../door.ts";
import { messageBytes } from "../grammar.ts";
import { legacy, probe } from "../probe-types.ts";

const BYTES_MAX = 1024 * 1024;

/** A contract's value in protobuf's binary form, as it is examined here or on a thread; the first byte chooses the type. */
export async function openDoor(): Promise<Door> {
  const types = fileDescriptorSet([probe, legacy]);
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
    async run(input) {
      const schema = input[0] === 1 ? legacy : probe;
      await isCanonicalMessage(schema, input.subarray(1), { what: "the input" }, { types: () => types });
    },
  });
}

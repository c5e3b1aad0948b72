import { utf8Encode } from "@p8e/core";
import { messageBytesFromJson } from "@p8e/decoding";
import { type Door, functionDoor } from "../door.ts";
import { messageJson } from "../grammar.ts";
import { probe, probeTypes } from "../probe-types.ts";

/** A contract's input as JSON. */
export async function openDoor(): Promise<Door> {
  return functionDoor({
    seeds: ["{}", '{"i64":"1"}', '{"self":{"self":{}},"m":{"a":1}}', '{"any":{"@type":"/probe.v1.P","i64":1}}'].map(
      utf8Encode,
    ),
    words: ["@type", "/probe.v1.P", "value", ...probe.fields.map(({ jsonName }) => jsonName)],
    bytesMax: 1024 * 1024,
    generate: (random) => utf8Encode(messageJson(random, probe)),
    run: (input) => void messageBytesFromJson(probe, input, probeTypes, { what: "the input" }),
  });
}

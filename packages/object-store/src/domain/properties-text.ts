import { P8eError } from "@p8e/core";
import type { ObjectProperties } from "./put-stream.ts";

/**
 * The column `object.properties`: a compact JSON object in order of arrival, each value an array of byte numbers, e.g.
 * `{"HASH":[1,2]}`. Names are arbitrary text, so the object is written and read by hand: JavaScript would move names
 * that look like numbers to the front.
 */
export function encodeProperties(properties: ObjectProperties): string {
  const members = [...properties].map(([name, value]) => `${JSON.stringify(name)}:[${value.join(",")}]`);
  return `{${members.join(",")}}`;
}

/** @throws `store.database` when the text is not of that form */
export function decodeProperties(text: string): ObjectProperties {
  const properties = new Map<string, Uint8Array>();
  const member = /\s*("(?:[^"\\]|\\.)*")\s*:\s*\[([\d\s,]*)\]\s*(,|\})/y;
  const open = /^\s*\{\s*(\}\s*$)?/.exec(text);
  if (!open) throw unreadable();
  if (open[1] !== undefined) return properties;
  member.lastIndex = open[0].length;
  for (;;) {
    const found = member.exec(text);
    if (!found) throw unreadable();
    const name = JSON.parse(found[1]!) as string;
    const numbers = found[2]!.trim() === "" ? [] : found[2]!.split(",").map(Number);
    if (numbers.some((number) => !(Number.isInteger(number) && number <= 255))) throw unreadable();
    properties.delete(name);
    properties.set(name, Uint8Array.from(numbers));
    if (found[3] === "}") return properties;
  }
}

function unreadable(): P8eError {
  return new P8eError("store.database", "an object's stored properties cannot be read");
}

import { createHash } from "node:crypto";
import { type JsonContext, parseJson, shape } from "@p8e/core";

/**
 * What is indexed of records where their types do not say it themselves, and which fields are personal data. It is the
 * operator's word and not the protos': who writes a type does not know who will keep an index of it.
 */
export interface IndexConfiguration {
  /** Fields of which neither field nor message says anything by the index options: `indexed`, or `left-out` as in the JVM SDK. */
  readonly unsaid: "indexed" | "left-out";
  /** Fields as `package.Message.field`, or whole types as `package.Message`: they stay out, with all that is in them. */
  readonly personalData: ReadonlySet<string>;
}

/** Nothing but what the index options of types ask for. */
export const plainIndex: IndexConfiguration = { unsaid: "left-out", personalData: new Set() };

const BYTES_MAX = 1024 * 1024;

const configurationShape = shape.object({
  format: shape.only(1),
  unsaid: shape.oneOf(["indexed", "left-out"] as const),
  personalData: shape.list(
    shape.text({
      says: "a field as package.Message.field, or a type as package.Message",
      form: /^[A-Za-z_][\w]*(?:\.[A-Za-z_][\w]*)+$/,
      lengthMax: 500,
    }),
    10_000,
  ),
});

/** Reads a configuration of an index. @throws `input.invalid`, `input.too_large` */
export function parseIndexConfiguration(
  text: string | Uint8Array,
  context: Omit<JsonContext, "bytesMax" | "newestFormat">,
): IndexConfiguration {
  const { unsaid, personalData } = parseJson(configurationShape, text, {
    ...{ ...context, bytesMax: BYTES_MAX, newestFormat: 1 },
  });
  return { unsaid, personalData: new Set(personalData) };
}

/** Names a configuration: what was indexed by another one is indexed anew. */
export function configurationName({ unsaid, personalData }: IndexConfiguration): string {
  const text = JSON.stringify([unsaid, [...personalData].sort()]);
  return createHash("sha256").update(text).digest("hex");
}

import type { Shape } from "./shape.ts";

/**
 * A shape as JSON Schema (draft 2020-12): what a document must look like that `parseJson` takes. Where one of our parsers
 * decides, the schema says so in words and asks for a text.
 */
export async function jsonSchemaOf(shape: Shape<unknown>): Promise<Readonly<Record<string, unknown>>> {
  // Loaded here, because most programs describe nothing.
  const { toJsonSchema } = await import("@valibot/to-json-schema");
  return { ...toJsonSchema(shape, { typeMode: "input", target: "draft-2020-12" }) };
}

/** A JSON value as it was written: numbers keep their digits, objects their fields in order. */
export type JsonNode =
  | { readonly kind: "null" }
  | { readonly kind: "boolean"; readonly value: boolean }
  /** The digits, sign, point and exponent as they stand in the text. */
  | { readonly kind: "number"; readonly text: string }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "array"; readonly items: readonly JsonNode[] }
  /** No name is there twice. */
  | { readonly kind: "object"; readonly fields: ReadonlyMap<string, JsonNode> };

import { isP8eError, P8eError } from "@p8e/core";
import { bundlePositions, type SourcePlaces } from "./source-places.ts";

/**
 * A contract's failure with the place in the source where it happened, as facts `file` and `line`. Without a map it is
 * the place in the bundle, `bundle.js` and its line and column, which whoever has the map can look up. What did not
 * happen in a contract's code stays as it is.
 */
export function locatedFailure(error: unknown, places: SourcePlaces | undefined): unknown {
  if (!isP8eError(error) || !(error.cause instanceof Error) || error.cause.name !== "GuestTrace") return error;
  const stack = error.cause.stack ?? "";
  const [position] = bundlePositions(stack);
  if (position === undefined) return error;
  const { code, message, cause } = error;
  const place = places?.placeIn(stack);
  if (place !== undefined) {
    return new P8eError(code, message, { cause, hint: error.hint, facts: { ...error.facts, ...place } });
  }
  // A refusal says by itself what it is about.
  if (error.facts.rule !== undefined) return error;
  const hint = error.hint ?? "Its publisher, who has the source map, can tell the line in the source.";
  const at = `bundle.js:${position.line}:${position.column}`;
  return new P8eError(code, message, { cause, hint, facts: { ...error.facts, position: at } });
}

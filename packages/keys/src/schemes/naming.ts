import { isP8eError, P8eError } from "@p8e/core";

/** Says which file it was: there may be several. */
export function naming(path: string, thrown: unknown): unknown {
  if (!isP8eError(thrown) || thrown.facts.path !== undefined) return thrown;
  const { code, message, facts, hint } = thrown;
  return new P8eError(code, message, {
    facts: { ...facts, path },
    hint,
    cause: thrown,
  });
}

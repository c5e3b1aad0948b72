import { hasCode } from "@p8e/core";

/** What is wrong with an object's stored bytes: there are none, or they are not those that were stored. */
export interface Damage {
  readonly kind: "missing" | "damaged";
  readonly reason: string;
}

/** What a failed reading says of the object itself; undefined when it says something of the storage or the database. */
export function damageOf(thrown: unknown): Damage | undefined {
  if (hasCode(thrown, "object.corrupt")) return { kind: "damaged", reason: thrown.message };
  if (hasCode(thrown, "store.storage") && thrown.facts.missing === true) {
    return { kind: "missing", reason: thrown.message };
  }
  return undefined;
}

import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { ScopeSpecification } from "@p8e/contract";

/** The author's own module on the author's own machine: its exports are read, as its build reads its source. */
export async function scopeSpecificationsOf(file: string): Promise<readonly ScopeSpecification[]> {
  const module = (await import(pathToFileURL(resolve(file)).href)) as Record<string, unknown>;
  return Object.values(module).filter(isScopeSpecification);
}

/** Whether a value has the form of a scope specification; its rules are checked when it is published. */
export function isScopeSpecification(value: unknown): value is ScopeSpecification {
  if (typeof value !== "object" || value === null) return false;
  const { name, description, parties } = value as Partial<ScopeSpecification>;
  return typeof name === "string" && typeof description === "string" && Array.isArray(parties);
}

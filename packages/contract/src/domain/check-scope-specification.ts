import { isRole } from "@p8e/core";
import type { ScopeSpecification } from "../author/scope-specification.ts";
import { isName } from "./check-contract.ts";
import type { ContractManifest } from "./contract-manifest.ts";
import type { Fault } from "./fault.ts";

const DESCRIPTION_LENGTH_MAX = 5000;
const URL_LENGTH_MAX = 2048;

/** The ledger's rules for a scope specification, and ours for its name; all faults at once. */
export function checkScopeSpecification(specification: ScopeSpecification): readonly Fault[] {
  const faults: Fault[] = [];
  const where = `scope specification ${JSON.stringify(specification.name.slice(0, 100))}`;
  const add = (rule: string, message: string) => faults.push({ rule, where, message });
  if (!isName(specification.name)) add("names", "has a name with other characters than A-Z a-z 0-9 . _ -, or too long");
  if (specification.description.length > DESCRIPTION_LENGTH_MAX) {
    add("description", `has a description longer than ${DESCRIPTION_LENGTH_MAX} characters`);
  }
  if (specification.parties.length === 0) add("participant-present", "involves no party");
  if (new Set(specification.parties).size !== specification.parties.length) {
    add("participants-distinct", "involves a role twice");
  }
  if (!specification.parties.every(isRole)) add("participants-known", "involves a party that is no role");
  for (const key of ["websiteUrl", "iconUrl"] as const) {
    const url = specification[key];
    if (url !== undefined && (!/^(?:https?|data):/.test(url) || url.length > URL_LENGTH_MAX)) {
      add("url", `has a ${key} that is not a http, https or data URL of at most ${URL_LENGTH_MAX} characters`);
    }
  }
  return faults;
}

/** The scope specifications that a contract names and that are not among the known ones. */
export function unknownScopes(manifest: ContractManifest, known: Iterable<string>): readonly Fault[] {
  const names = new Set(known);
  return manifest.scopes
    .filter((name) => !names.has(name))
    .map((name) => ({
      rule: "scope-known",
      where: "the contract",
      message: `names the scope specification ${name}, which is neither defined with it nor on the ledger`,
    }));
}

/**
 * Whether the contract can only update scopes of a kind: the ledger refuses a new scope whose parties do not cover the
 * roles of its specification.
 */
export function isUpdateOnly(manifest: ContractManifest, specification: ScopeSpecification): boolean {
  return specification.parties.some((role) => !manifest.participants.includes(role));
}

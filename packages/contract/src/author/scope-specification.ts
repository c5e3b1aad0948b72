import type { Role } from "@p8e/core";

/**
 * What scopes of a kind are, and whose roles a new one must name. It carries no uuid: that follows from the publisher's
 * address and the name (`scopeSpecificationUuid`) unless the publisher's configuration says otherwise, so that one
 * source can be published by several parties.
 */
export interface ScopeSpecification {
  readonly name: string;
  readonly description: string;
  readonly parties: readonly Role[];
  readonly websiteUrl?: string;
  readonly iconUrl?: string;
}

/**
 * The specification as given, frozen. Its rules are checked when it is published: `checkScopeSpecification`. What stands in
 * a contract's own file becomes part of its bundle; in a file of its own, in a package without side effects, it does not.
 */
export function defineScopeSpecification(specification: ScopeSpecification): ScopeSpecification {
  return Object.freeze({ ...specification, parties: Object.freeze([...specification.parties]) });
}

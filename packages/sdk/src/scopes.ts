// The door for those who only look at scopes: no contract, no engine and no key is loaded with it.
export { evidenceHashOf } from "./session/evidence-context.ts";
export { readScope, type ScopeSnapshot } from "./session/scope-snapshot.ts";

import { toBinary } from "@bufbuild/protobuf";
import { equalBytes, P8eError, parseUuid, type ScopeAddress, scopeAddress } from "@p8e/core";
import * as metadata from "@p8e/proto/metadata";
import type * as scope from "@p8e/proto/scope";

/** @throws `state.conflict` with what changed */
export function requireUnchanged(envelope: scope.Envelope, now: metadata.ScopeResponse): void {
  const before = envelope.scope?.value ?? new Uint8Array();
  if (equalBytes(before, toBinary(metadata.ScopeResponseSchema, now))) return;
  throw scopeChanged(scopeAddress(parseUuid(envelope.ref?.scopeUuid?.value ?? "")));
}

/** What is thrown when a session was made for a scope as it is no more. */
export function scopeChanged(address: ScopeAddress): P8eError {
  return new P8eError("state.conflict", "the scope has changed since the session was made", {
    facts: { scope: address },
    hint: "Run the contract again on the scope as it is now.",
  });
}

import { type CallOptions, hasCode, mapAtMost, P8eError } from "@p8e/core";
import type { KeyReference, PublicKey } from "@p8e/crypto";
import type { ObjectClient } from "@p8e/object-client";
import type { ScopeObject } from "./scope-objects.ts";

const AT_ONCE = 4;

/** How far it is. */
export interface ReshareOptions extends Pick<CallOptions, "signal"> {
  readonly onShared?: ((state: { readonly done: number; readonly total: number }) => void) | undefined;
}

/** What became of objects that readers need. */
export interface ResharedObjects {
  /** Wrapped for somebody who could not open them before. */
  readonly added: readonly ScopeObject[];
  /** Which all could open already: nothing was sent. */
  readonly unchanged: readonly ScopeObject[];
}

/**
 * Makes objects of the own store readable for more keys. Interrupted, it is begun again: what was done by then is found
 * done. Each object that the own store does not show is looked at, so that the error names all of them.
 * @throws `scope.incomplete` with the fact `objects`; as `ObjectClient.reshare`
 */
export async function reshareObjects(
  { store, key }: { readonly store: ObjectClient; readonly key: KeyReference },
  objects: readonly ScopeObject[],
  audience: readonly PublicKey[],
  { signal, onShared }: ReshareOptions = {},
): Promise<ResharedObjects> {
  const missing: ScopeObject[] = [];
  const added: ScopeObject[] = [];
  const unchanged: ScopeObject[] = [];
  let done = 0;
  await mapAtMost(
    AT_ONCE,
    objects,
    async (object, stop) => {
      try {
        const receipt = await store.reshare(object.hash, { key, audience, signal: stop });
        (receipt.added.length === 0 ? unchanged : added).push(object);
      } catch (error) {
        if (!hasCode(error, "object.not_found", "envelope.no_recipient")) throw error;
        missing.push(object);
      }
      onShared?.({ done: ++done, total: objects.length });
    },
    signal,
  );
  if (missing.length > 0) {
    const rest = missing.length === 1 ? "" : ` and ${missing.length - 1} more`;
    throw new P8eError(
      "scope.incomplete",
      `the own store does not have ${missing[0]?.what}${rest}: it cannot be shared`,
      {
        facts: { objects: missing.map(({ hash, what }) => `${what}: ${hash}`) },
        hint: "Who has it in a store can share it first, or store it here again.",
      },
    );
  }
  return { added, unchanged };
}

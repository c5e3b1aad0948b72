import { parseUuid, type RandomBytes, randomUuid } from "@p8e/core";
import { keyText } from "./domain/audience.ts";
import type { KeyRegistration } from "./domain/key-registration.ts";
import type { Database } from "./postgres/database.ts";
import type { KeyCache } from "./postgres/key-cache.ts";
import { upsertKey } from "./postgres/key-rows.ts";
import type { StoreBus } from "./postgres/store-bus.ts";

/** The parts of a store that a registration concerns. */
interface RegistrationParts {
  readonly database: Database;
  readonly bus: StoreBus;
  readonly keys: KeyCache;
  readonly random: RandomBytes;
}

/** Writes whose a key is and which store serves it; this process knows it at once, others on the same database soon. */
export async function registerKey(
  store: RegistrationParts,
  given: {
    readonly rawKey: Uint8Array;
    /** Empty for a key of the store's own. */
    readonly url: string;
    readonly metadata: Uint8Array;
    readonly authData: string | null;
  },
): Promise<KeyRegistration> {
  const { rawKey, ...rest } = given;
  const key = keyText(rawKey);
  const uuid = parseUuid(randomUuid(store.random));
  const registration = await store.database.transaction(async (connection) => {
    const written = await upsertKey(connection, { uuid, key, ...rest });
    await connection.query(store.bus.announcement({ kind: "key", key }));
    return written;
  });
  store.keys.put(registration);
  return registration;
}

import type { Uuid } from "@p8e/core";
import type { KeyText } from "../domain/audience.ts";
import type { KeyRegistration } from "../domain/key-registration.ts";
import { microsOf } from "./binary-values.ts";
import type { Queryable } from "./database.ts";

interface KeyRow {
  readonly uuid: Uuid;
  readonly public_key: string;
  readonly url: string;
  readonly metadata: Uint8Array | null;
  readonly auth_type: "header" | null;
  readonly auth_data: string | null;
  readonly created_at: string;
  readonly updated_at: string;
}

const micros = (column: string) => `${microsOf(column)}::text AS ${column}`;
const columns = `uuid, public_key, url, metadata, auth_type, auth_data, ${micros("created_at")}, ${micros("updated_at")}`;

function registrationOf(row: KeyRow): KeyRegistration {
  return {
    uuid: row.uuid,
    key: row.public_key,
    url: row.url,
    // NULL in rows that people inserted by hand.
    metadata: row.metadata ?? new Uint8Array(0),
    authType: row.auth_type,
    authData: row.auth_data,
    createdAt: BigInt(row.created_at),
    updatedAt: BigInt(row.updated_at),
  };
}

/** `uuid` is for a new key; of a key that is there already, all but identity and creation is replaced: the last writer wins. */
export async function upsertKey(
  database: Queryable,
  given: Pick<KeyRegistration, "uuid" | "key" | "url" | "metadata" | "authData">,
): Promise<KeyRegistration> {
  const { rows } = await database.query<KeyRow>({
    text: `INSERT INTO public_key (uuid, public_key, public_key_type, url, metadata, auth_type, auth_data)
           VALUES ($1, $2, 'secp256k1', $3, $4, $5, $6)
           ON CONFLICT (public_key) DO UPDATE SET url = excluded.url, metadata = excluded.metadata,
             auth_type = excluded.auth_type, auth_data = excluded.auth_data, updated_at = now()
           RETURNING ${columns}`,
    values: [
      given.uuid,
      given.key,
      given.url,
      given.metadata,
      given.authData === null ? null : "header",
      given.authData,
    ],
  });
  return registrationOf(rows[0]!);
}

/** Undefined when nobody has registered the key. */
export async function findKey(database: Queryable, key: KeyText): Promise<KeyRegistration | undefined> {
  const { rows } = await database.query<KeyRow>({
    text: `SELECT ${columns} FROM public_key WHERE public_key = $1`,
    values: [key],
  });
  return rows[0] && registrationOf(rows[0]);
}

/** Every registered key, in no order. */
export async function allKeys(database: Queryable): Promise<readonly KeyRegistration[]> {
  const { rows } = await database.query<KeyRow>({ text: `SELECT ${columns} FROM public_key` });
  return rows.map(registrationOf);
}

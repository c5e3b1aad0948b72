import { createHash, timingSafeEqual } from "node:crypto";
import { P8eError } from "@p8e/core";
import { type KeyText, keyStateOf } from "./audience.ts";
import type { KeyRegistration } from "./key-registration.ts";

/** What the holder of a key is told when the key is served by another store. */
export type RemoteAdvice = "use the replicate route" | "fetch on its own instance" | "ack on its own instance";

/**
 * Whether a request may act for `key`. `metadataValue` gives the first text value of a metadata name in any case.
 * @throws `rpc.denied`, or `store.database` for a registration that cannot be read
 */
export function authorize(
  key: KeyText,
  registration: KeyRegistration | undefined,
  metadataValue: (name: string) => string | undefined,
  advice: RemoteAdvice,
): void {
  const state = keyStateOf(registration);
  if (state === "unknown" || registration === undefined) throw denied(`unknown public key ${key}`);
  if (state === "remote") throw denied(`remote public key ${key} - ${advice}`);
  if (registration.authType === null) throw denied("auth_type not configured");
  requireCredential(registration.authData, metadataValue);
}

/**
 * Whether a request shows what `credential` (`header:value`) says.
 * @throws `rpc.denied`, or `store.database` for a credential that cannot be read
 */
export function requireCredential(
  credential: string | null,
  metadataValue: (name: string) => string | undefined,
): void {
  const { header, value } = splitAuthData(credential);
  // Binary metadata never proves anything, whatever it decodes to.
  const given = header.toLowerCase().endsWith("-bin") ? undefined : metadataValue(header);
  if (given === undefined || !sameSecret(given, value)) throw denied("not authorized");
}

/** @throws `store.database` when the column does not have its form */
export function splitAuthData(authData: string | null): { readonly header: string; readonly value: string } {
  if (authData === null) throw unreadable("auth_type was set but no auth_data");
  const colon = authData.indexOf(":");
  if (colon < 0) throw unreadable("auth_data invalid format");
  return { header: authData.slice(0, colon), value: authData.slice(colon + 1) };
}

/**
 * Takes the same time wherever the two differ. A header's text is its bytes, one character each; what is stored is
 * text, which a client sends as UTF-8.
 */
function sameSecret(given: string, stored: string): boolean {
  const left = Buffer.from(given, "latin1");
  const right = Buffer.from(stored, "utf8");
  const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest();
  return timingSafeEqual(digest(left), digest(right));
}

function denied(message: string): P8eError {
  return new P8eError("rpc.denied", message);
}

function unreadable(what: string): P8eError {
  return new P8eError("store.database", `InvalidApplicationState("${what}")`);
}

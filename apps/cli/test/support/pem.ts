import { fileURLToPath } from "node:url";

/** A PEM file of the certificates that rpc's tests have; `server-cert` is for localhost and 127.0.0.1. */
export function pemFile(name: string): string {
  return fileURLToPath(new URL(`../../../../packages/rpc/test/tls/${name}.pem`, import.meta.url));
}

import assert from "node:assert/strict";
import { isP8eError } from "@p8e/core";

/** The call must fail with this gRPC status, and with this text where the text is contract. */
export async function expectStatus(call: Promise<unknown>, status: string, message?: string | RegExp): Promise<void> {
  const error = await call.then(
    () => assert.fail(`succeeded, but ${status} was expected`),
    (thrown: unknown) => thrown,
  );
  if (!isP8eError(error)) throw error;
  assert.equal(error.facts.grpcStatus, status, `answered "${error.message}"`);
  if (message instanceof RegExp) assert.match(String(error.facts.grpcMessage), message);
  else if (message !== undefined) assert.equal(error.facts.grpcMessage, message);
}

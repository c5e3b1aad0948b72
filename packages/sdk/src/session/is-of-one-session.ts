import type { ErrorCode, P8eError } from "@p8e/core";

/**
 * Of the values that are put to a contract, of its run on them, of the price, of the objects. A contract that gives no
 * answer in time is among them: on other values it may.
 */
const ofOneSession: ReadonlySet<ErrorCode> = new Set([
  ...(["input.invalid", "input.too_large"] as const),
  ...(["contract.failed", "contract.out_of_fuel", "contract.out_of_memory", "contract.stack_overflow"] as const),
  ...(["contract.output_too_large", "contract.no_authority", "contract.timeout"] as const),
  ...(["session.invalid", "session.participant_missing", "session.input_missing", "session.record_missing"] as const),
  ...(["session.type_mismatch", "session.nothing_to_record", "session.price_exceeded"] as const),
  ...(["object.not_found", "object.hash_mismatch", "object.corrupt", "object.too_large", "object.refused"] as const),
  ...(["envelope.malformed", "envelope.tampered", "envelope.too_large"] as const),
  ...(["signature.invalid", "signature.missing", "scope.incomplete"] as const),
]);

/**
 * Whether an error says something of the one session in which it came up, and so nothing against going on with others.
 * Whether trying again helps does not tell: a store whose disk is full and a broken state file stay as they are, and every
 * session would fail on them.
 */
export function isOfOneSession({ code }: P8eError): boolean {
  return ofOneSession.has(code);
}

import { isP8eError } from "@p8e/core";
import { RpcStatusError } from "@p8e/rpc";

/**
 * What is wrong with a container, in the words of the reference server, which its clients match on.
 * Anything else passes unchanged.
 */
export function containerStatus(thrown: unknown): unknown {
  if (!isP8eError(thrown) || thrown.code !== "envelope.malformed" || thrown instanceof RpcStatusError) return thrown;
  const { problem, given } = thrown.facts;
  return new RpcStatusError("INVALID_ARGUMENT", `DimeError(${variant(String(problem), Number(given))})`, {
    code: thrown.code,
    facts: thrown.facts,
    cause: thrown,
  });
}

function variant(problem: string, given: number): string {
  switch (problem) {
    case "truncated":
      return 'BufferSizeError("Not enough bytes in buffer to parse Dime")';
    case "magic":
      return `InvalidMagicBytesError("Invalid magic bytes of ${given}")`;
    case "version":
      return `InvalidVersionError(${given})`;
    case "uuid_length":
      return `InvalidUuidSizeError(${given})`;
    case "metadata":
      return 'SerdeDecodeError("metadata is not an object of strings")';
    case "uri":
      return 'Utf8Error("uri")';
    default:
      return `ProstDecodeError("${problem}")`;
  }
}

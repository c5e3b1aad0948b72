import { type GrpcStatus, hasCode } from "@p8e/core";
import { RpcStatusError } from "@p8e/rpc";
import type { ReaderProblem } from "../put/readers.ts";

/**
 * What is wrong with a container, in the words of the reference server, which its clients match on.
 * Anything else passes unchanged.
 */
export function containerStatus(thrown: unknown): unknown {
  if (!hasCode(thrown, "envelope.malformed")) return thrown;
  const { problem, given } = thrown.facts;
  const [status, message] = isReaderProblem(problem)
    ? readerAnswers[problem]
    : (["INVALID_ARGUMENT", `DimeError(${variant(String(problem), Number(given))})`] as const);
  return new RpcStatusError(status, message, { code: thrown.code, facts: thrown.facts, cause: thrown });
}

const readerAnswers: Readonly<Record<ReaderProblem, readonly [GrpcStatus, string]>> = {
  readers: ["INVALID_ARGUMENT", "Invalid Dime proto - audience list"],
  audience: ["INTERNAL", 'DimeError(InternalInvalidState("an audience key is not UTF-8"))'],
  mail_owner: ["INTERNAL", 'DimeError(InternalInvalidState("mail without an owner"))'],
  owner: ["INVALID_ARGUMENT", "Invalid Dime proto - owner"],
};

function isReaderProblem(problem: string | undefined): problem is ReaderProblem {
  return problem !== undefined && Object.hasOwn(readerAnswers, problem);
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

import { P8eError } from "@p8e/core";

/**
 * What is wrong with a container, in the `problem` fact of every `envelope.malformed`:
 *
 * - `truncated`: the bytes end inside the header
 * - `magic`, `version`, `uuid_length`: the fact `given` holds the number found there
 * - `metadata`: not a JSON object of string to string
 * - `uri`: not UTF-8
 * - `signatures`: not a JSON array of signature and key, each in base64
 * - `protobuf`: the audience list does not decode
 * - `owner_key`, `audience_key`: a key's text is not UTF-8
 */
export type ContainerProblem =
  | "truncated"
  | "magic"
  | "version"
  | "uuid_length"
  | "metadata"
  | "uri"
  | "signatures"
  | "protobuf"
  | "owner_key"
  | "audience_key";

const sentences: Readonly<Record<ContainerProblem, string>> = {
  truncated: "the container ends inside its header",
  magic: "this is not a DIME container: it does not start with its magic bytes",
  version: "the container has a version that is not known",
  uuid_length: "the container's uuid does not have 16 bytes",
  metadata: "the container's metadata is not a JSON object of string to string",
  uri: "the container's uri is not UTF-8",
  signatures: "the container's signature section is not a JSON array of signature and public key",
  protobuf: "the container's audience list does not decode",
  owner_key: "the owner's key is missing or not UTF-8",
  audience_key: "a key in the audience list is not UTF-8",
};

/** The `envelope.malformed` for this problem. */
export function malformed(problem: ContainerProblem, details: { given?: number; cause?: unknown } = {}): P8eError {
  return new P8eError("envelope.malformed", sentences[problem], {
    facts: details.given === undefined ? { problem } : { problem, given: details.given },
    cause: details.cause,
  });
}

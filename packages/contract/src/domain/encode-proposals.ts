import { type DescMessage, type Message, toBinary } from "@bufbuild/protobuf";
import { P8eError } from "@p8e/core";
import { type JavaClassName, javaClassName } from "@p8e/proto/java-class-name";
import { type AnyContract, definition, type Proposals } from "../author/define-contract.ts";

/** A proposed value as sessions carry it. */
export interface EncodedProposal {
  /** Of the value's type, as specifications on the ledger name it. */
  readonly className: JavaClassName;
  /** The serialized message. */
  readonly bytes: Uint8Array;
}

/** The class name by which the ledger knows a contract: that of its definition. */
export function classNameOfContract(contract: AnyContract): string {
  return contract[definition].className;
}

/**
 * Serializes proposals by the schemas with which their contract was defined, by input name; an input that is undefined
 * is left out.
 *
 * @throws P8eError `session.invalid` for a name that is no input of the contract, `session.type_mismatch` for a message
 *   of another type than the input has
 */
export function encodeProposals<C extends AnyContract>(
  contract: C,
  proposals: Proposals<C>,
): ReadonlyMap<string, EncodedProposal> {
  const { className, functions } = contract[definition];
  const schemas = new Map<string, DescMessage>(functions.flatMap(({ inputs }) => Object.entries(inputs)));
  const encoded = new Map<string, EncodedProposal>();
  for (const [input, message] of Object.entries<Message | undefined>(proposals)) {
    if (message === undefined) continue;
    const schema = schemas.get(input);
    if (schema === undefined) {
      throw new P8eError("session.invalid", `the contract takes no input "${input}"`, {
        facts: { contract: className, input, inputs: [...schemas.keys()] },
      });
    }
    if (message.$typeName !== schema.typeName) {
      throw new P8eError("session.type_mismatch", `the input "${input}" has another type than the contract declares`, {
        facts: { contract: className, input, expected: schema.typeName, found: message.$typeName },
      });
    }
    encoded.set(input, { className: javaClassName(schema), bytes: toBinary(schema, message) });
  }
  return encoded;
}

import { createRegistry, fromBinary, type JsonObject, type JsonValue, type Registry, toJson } from "@bufbuild/protobuf";
import { type Any, AnySchema } from "@bufbuild/protobuf/wkt";
import { P8eError } from "@p8e/core";
import { messageBudget, messageBytesFromJson } from "@p8e/decoding";
import { anyTypeName } from "@p8e/proto/any";
import * as cosmos from "@p8e/proto/cosmos";
import { fromPacked, isKnownMessage, knownTypes, type LedgerMessage } from "../messages/ledger-message.ts";
import { signersOf } from "./message-signers.ts";
import type { TransactionJson } from "./transaction-json.ts";

/** A message that was made of JSON, and what its bytes say when they are read again: what is signed, for a person to see. */
export interface TypedMessage extends LedgerMessage {
  /** Protobuf JSON with `@type`. */
  readonly json: JsonValue;
}

/** What a transaction is to do. */
export interface TypedMessages {
  readonly messages: readonly TypedMessage[];
  /** Undefined when there is none. */
  readonly memo: string | undefined;
}

const MESSAGES_MAX = 100;

/** Types of messages by name: those that this package brings along, and others that a node or a file described. */
export class MessageTypes {
  readonly #registry: Registry;

  /** @param described types beside those known here, which win where both have one */
  constructor(described?: Registry) {
    this.#registry = described === undefined ? knownTypes() : createRegistry(described, knownTypes());
  }

  has(typeName: string): boolean {
    return this.#registry.getMessage(typeName) !== undefined;
  }

  /**
   * The messages that a text in protobuf's JSON form says; numbers are read exactly. Of an unsigned transaction messages and
   * memo are taken: who signs, fee, gas and timeout are found anew.
   * @param file for errors
   * @throws `input.invalid` when a type is not known, a value does not fit, nobody is named to sign a message, or the
   *   transaction wants what is not done here; `input.too_large`
   */
  read({ text }: TransactionJson, file?: string): TypedMessages {
    const context = { what: "the transaction", file };
    const bytes = messageBytesFromJson(cosmos.tx.TxSchema, text, this.#registry, context, messageBudget);
    const { body, signatures } = fromBinary(cosmos.tx.TxSchema, bytes);
    const count = body?.messages.length ?? 0;
    if (body === undefined || count === 0 || count > MESSAGES_MAX) {
      throw new P8eError("input.invalid", `a transaction has from 1 to ${MESSAGES_MAX} messages`, { facts: { file } });
    }
    const { memo, timeoutHeight, unordered, timeoutTimestamp, extensionOptions, nonCriticalExtensionOptions } = body;
    const extensions = extensionOptions.length + nonCriticalExtensionOptions.length;
    if (timeoutHeight !== 0n || unordered || timeoutTimestamp !== undefined || extensions + signatures.length > 0) {
      throw new P8eError("input.invalid", "the transaction is signed, has a timeout of its own, or extensions", {
        facts: { file },
        hint: "Its messages and a memo are all that is taken of it.",
      });
    }
    return { messages: body.messages.map((packed) => this.#message(packed)), memo: memo === "" ? undefined : memo };
  }

  #message(packed: Any): TypedMessage {
    const { typeUrl, value } = packed;
    const schema = this.#registry.getMessage(anyTypeName(packed));
    if (schema === undefined) {
      throw new P8eError("input.invalid", "the type of a message is not known", {
        facts: { type: typeUrl.slice(0, 200) },
      });
    }
    const known = isKnownMessage(typeUrl);
    const signers = known ? fromPacked(packed).signers : signersOf(schema, fromBinary(schema, value));
    const json = toJson(AnySchema, packed, { registry: this.#registry, useProtoFieldName: true });
    return { typeUrl, value, signers, json: { "@type": typeUrl, ...(json as JsonObject) } };
  }
}

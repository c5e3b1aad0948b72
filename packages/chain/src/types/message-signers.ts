import { type DescMessage, getOption, hasOption, type Message } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { P8eError } from "@p8e/core";
import { signer } from "@p8e/proto/reflection";

/** As deep as the Cosmos SDK follows it (x/tx/signing: MaxRecursionDepth). */
const DEPTH_MAX = 32;

/**
 * Who must sign a message, by the option `cosmos.msg.v1.signer` of its type: it names the fields that hold an address, or a
 * message whose type names its own (cosmos-sdk: x/tx/signing, `Context.GetSigners`).
 * @throws `input.invalid` when the type does not say, or names a field that holds no address
 */
export function signersOf(schema: DescMessage, message: Message): readonly string[] {
  return signersIn(reflect(schema, message), 0);
}

function signersIn(message: ReflectMessage, depth: number): readonly string[] {
  const { desc } = message;
  const names = hasOption(desc, signer) ? getOption(desc, signer) : [];
  if (names.length === 0 || depth > DEPTH_MAX) throw unknown(desc);
  return names.flatMap((name) => {
    const field = desc.fields.find((each) => each.name === name);
    if (field?.fieldKind === "scalar" || field?.fieldKind === "message")
      return signersInValue(message.get(field), desc, depth);
    if (field?.fieldKind === "list") {
      return [...message.get(field)].flatMap((value) => signersInValue(value, desc, depth));
    }
    throw unknown(desc);
  });
}

function signersInValue(value: unknown, desc: DescMessage, depth: number): readonly string[] {
  if (typeof value === "string") return [value];
  if (isReflected(value)) return signersIn(value, depth + 1);
  throw unknown(desc);
}

function isReflected(value: unknown): value is ReflectMessage {
  return typeof value === "object" && value !== null && "desc" in value && "message" in value;
}

function unknown({ typeName }: DescMessage): P8eError {
  return new P8eError("input.invalid", `the type ${typeName} does not say who must sign it`, {
    facts: { type: typeName },
    hint: "It is no message of a transaction, or one whose signers only its module knows.",
  });
}

/** A record or an input whose bytes are not a message of its type. The engine reports it as `input.invalid`. */
export class MalformedValue extends Error {
  readonly kind: "record" | "input";
  readonly value: string;

  constructor(kind: "record" | "input", value: string, reason: string) {
    super(`the bytes of ${kind} ${value} are not a message of its type: ${reason}`);
    Object.defineProperty(this, "name", { value: "MalformedValue", configurable: true });
    this.kind = kind;
    this.value = value;
  }
}

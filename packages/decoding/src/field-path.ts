import type { DescField } from "@bufbuild/protobuf";
import { protoCamelCase } from "@bufbuild/protobuf/reflect";
import { DecodingFault } from "./decoding-fault.ts";

/** Beyond it nobody reads on. */
const LENGTH_MAX = 500;

type Step = string | number | { readonly key: string };

/** Where a reader is. Keys of maps come from outside as values do: they are shown only when they look like names. */
export class FieldPath {
  readonly #steps: Step[] = [];

  push(step: Step): void {
    this.#steps.push(step);
  }

  pop(): void {
    this.#steps.pop();
  }

  text(): string {
    let text = "";
    for (const step of this.#steps) {
      if (typeof step === "number") text += `[${step}]`;
      else if (typeof step === "string") text += text === "" ? step : `.${step}`;
      else text += `[${shownName(step.key)}]`;
      if (text.length > LENGTH_MAX) return `${text.slice(0, LENGTH_MAX)}...`;
    }
    return text;
  }

  /** Refuses what is read here. */
  refuse(problem: string): never {
    throw new DecodingFault({ field: this.text(), problem });
  }

  /** Refuses what is read here, and what other decoders read otherwise. */
  refuseAmbiguous(problem: string): never {
    throw new DecodingFault({ field: this.text(), problem, readersDiffer: true });
  }
}

/** A name from outside, if it looks like one. */
export function shownName(name: string): string {
  return /^[A-Za-z_$@][\w.$/-]{0,79}$/.test(name) ? name : "(another name)";
}

/** A field's name in JSON; descriptors that no compiler made may leave it out. */
export function jsonNameOf(field: DescField): string {
  return field.jsonName === "" ? protoCamelCase(field.name) : field.jsonName;
}

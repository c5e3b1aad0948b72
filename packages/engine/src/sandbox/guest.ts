import type { ExecutionLimits, LoadIndex } from "@p8e/contract";
import {
  type GuestFailure,
  halfPair,
  outOfFuel,
  outOfMemory,
  outputTooLarge,
  parseGuestFailure,
  stackOverflow,
} from "./guest-failure.ts";
import {
  type Interpreter,
  type InterpreterAnswer,
  type InterpreterBuild,
  type MemoryImage,
  RunEnded,
  startInterpreter,
} from "./interpreter.ts";

/** What a request to the guest gives: a value, or why there is none; and the fuel it took. */
export type GuestAnswer =
  | { readonly kind: "value"; readonly value: string | Uint8Array; readonly fuel: number }
  | { readonly kind: "failure"; readonly failure: GuestFailure; readonly fuel: number };

/** An interpreter with a contract in it. */
export interface Guest {
  load(index: LoadIndex, payload: Uint8Array): GuestAnswer;
  /** @param fuelMax less fuel than is left, for a trial */
  call(functionName: string, fuelMax?: number): GuestAnswer;
}

/** Loads a bundle into a fresh interpreter. The image can be restored any number of times. */
export function imageOfBundle(
  build: InterpreterBuild,
  limits: ExecutionLimits,
  bundle: Uint8Array,
): { readonly image: MemoryImage } | { readonly failure: GuestFailure } {
  const interpreter = startInterpreter(build, limits);
  interpreter.fuel = limits.loadFuel;
  const answer = answerOf(interpreter, limits, limits.loadFuel, () => interpreter.load(bundle));
  return answer.kind === "failure" ? { failure: answer.failure } : { image: interpreter.image() };
}

/** What the bundle of an image says of itself. */
export function describeGuest(build: InterpreterBuild, limits: ExecutionLimits, image: MemoryImage): GuestAnswer {
  const interpreter = startInterpreter(build, limits, image);
  interpreter.fuel = limits.loadFuel;
  return answerOf(interpreter, limits, limits.loadFuel, () => interpreter.ask("describe"));
}

/** A guest in the state of an image, with fuel for one execution: it answers at once. */
export function startGuest(build: InterpreterBuild, limits: ExecutionLimits, image: MemoryImage): Guest {
  const interpreter = startInterpreter(build, limits, image);
  interpreter.fuel = limits.fuel;
  const ask = (budget: number, question: () => InterpreterAnswer) => answerOf(interpreter, limits, budget, question);
  return {
    load: (index, payload) => ask(limits.fuel, () => interpreter.ask("load", JSON.stringify(index), payload)),
    call(functionName, fuelMax = limits.fuel) {
      interpreter.fuel = Math.min(interpreter.fuel, fuelMax);
      return ask(fuelMax, () => interpreter.ask("call", functionName));
    },
  };
}

/** @param budget what the counter was set to, for the words of an error */
function answerOf(
  interpreter: Interpreter,
  limits: ExecutionLimits,
  budget: number,
  question: () => InterpreterAnswer,
): GuestAnswer {
  const before = interpreter.fuel;
  const failed = (failure: GuestFailure): GuestAnswer => ({ kind: "failure", failure, fuel: spent() });
  // The last stretch of code may have taken more than was left.
  const spent = (): number => before - Math.max(interpreter.fuel, 0);
  let answer: InterpreterAnswer;
  try {
    answer = question();
  } catch (thrown) {
    if (!(thrown instanceof RunEnded)) throw thrown;
    return failed(limitFailure(thrown.limit, budget));
  }
  if (interpreter.fuel < 0) return failed(outOfFuel(budget));
  if (answer === undefined) throw new Error("broken invariant: the prelude answers with a text or with bytes");
  if (answer.kind === "bytes") {
    return answer.length > limits.outputBytes
      ? failed(outputTooLarge(limits.outputBytes))
      : { kind: "value", value: answer.read(), fuel: spent() };
  }
  if (answer.length > limits.outputBytes) return failed(outputTooLarge(limits.outputBytes));
  const text = textOf(answer.read());
  if (text === undefined) return failed(halfPair);
  if (text.startsWith("v")) return { kind: "value", value: text.slice(1), fuel: spent() };
  return failed(parseGuestFailure(text.slice(1)));
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });

/** Undefined for half a surrogate pair, which the interpreter writes in a form that is no UTF-8. */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

function limitFailure(limit: RunEnded["limit"], budget: number): GuestFailure {
  if (limit === "fuel") return outOfFuel(budget);
  return limit === "memory" ? outOfMemory : stackOverflow;
}

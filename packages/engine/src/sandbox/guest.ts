import type { ExecutionLimits, LoadIndex } from "@p8e/contract";
import {
  type GuestFailure,
  isBareValue,
  outOfFuel,
  outOfMemory,
  outputTooLarge,
  parseGuestFailure,
} from "./guest-failure.ts";
import {
  FuelExhausted,
  GuestException,
  type GuestValue,
  type Interpreter,
  type InterpreterBuild,
  MemoryExhausted,
  type MemoryImage,
  startInterpreter,
} from "./interpreter.ts";

/** What a request to the guest gives: a value, or why there is none; and the fuel it took. */
export type GuestAnswer =
  | { readonly kind: "value"; readonly value: string | Uint8Array; readonly fuel: number }
  | { readonly kind: "failure"; readonly failure: GuestFailure; readonly fuel: number };

/** The interpreter, and the script that stands between it and the bundle. */
export interface GuestBuild extends InterpreterBuild {
  /** The source of prelude.js. */
  readonly prelude: string;
}

/** An interpreter with a contract in it. */
export interface Guest {
  describe(): GuestAnswer;
  load(index: LoadIndex, payload: Uint8Array): GuestAnswer;
  call(functionName: string): GuestAnswer;
}

/** Loads a bundle into a fresh interpreter. The image can be restored any number of times. */
export async function imageOfBundle(
  build: GuestBuild,
  limits: ExecutionLimits,
  bundle: Uint8Array,
): Promise<{ readonly image: MemoryImage } | { readonly failure: GuestFailure }> {
  const interpreter = await startInterpreter(build, limits);
  const door = interpreter.evaluateScript(build.prelude, "prelude.js");
  interpreter.takeFuel();
  const answer = ask(interpreter, limits, door, () => [
    interpreter.text("open"),
    interpreter.evaluateModule(bundle, "bundle.js"),
  ]);
  if (answer.kind === "failure") return { failure: answer.failure };
  return { image: interpreter.image([door]) };
}

/** A guest in the state of an image: it answers at once. */
export async function startGuest(build: GuestBuild, limits: ExecutionLimits, image: MemoryImage): Promise<Guest> {
  const interpreter = await startInterpreter(build, limits, image);
  const door = image.kept[0]!;
  return {
    describe: () => ask(interpreter, limits, door, () => [interpreter.text("describe")]),
    load: (index, payload) =>
      ask(interpreter, limits, door, () => [
        interpreter.text("load"),
        interpreter.text(JSON.stringify(index)),
        interpreter.bytes(payload),
      ]),
    call: (functionName) =>
      ask(interpreter, limits, door, () => [interpreter.text("call"), interpreter.text(functionName)]),
  };
}

function ask(
  interpreter: Interpreter,
  limits: ExecutionLimits,
  door: GuestValue,
  question: () => GuestValue[],
): GuestAnswer {
  const failed = (failure: GuestFailure): GuestAnswer => ({ kind: "failure", failure, fuel: interpreter.takeFuel() });
  let given: GuestValue;
  try {
    given = interpreter.call(door, ...question());
  } catch (thrown) {
    if (thrown instanceof FuelExhausted) return failed(outOfFuel(limits.fuelPerFunction));
    if (thrown instanceof MemoryExhausted) return failed(outOfMemory);
    if (!(thrown instanceof GuestException)) throw thrown;
    return failed(explain(interpreter, limits, door, thrown.value));
  }
  const answer = interpreter.read(given, limits.outputBytes);
  if (answer === "too long") return failed(outputTooLarge(limits.outputBytes));
  if (answer === undefined) return failed(outOfMemory);
  if (answer instanceof Uint8Array) return { kind: "value", value: answer, fuel: interpreter.takeFuel() };
  if (answer.startsWith("v")) return { kind: "value", value: answer.slice(1), fuel: interpreter.takeFuel() };
  return failed(failureIn(answer.slice(1), interpreter, limits));
}

/**
 * What escaped the prelude's own catch: thrown while the bundle loaded, or when not even the account of the failure
 * fitted into memory. Nothing will run here any more, so the account may take what it needs.
 */
function explain(
  interpreter: Interpreter,
  limits: ExecutionLimits,
  door: GuestValue,
  thrown: GuestValue,
): GuestFailure {
  interpreter.liftMemoryLimit();
  try {
    const given = interpreter.read(interpreter.call(door, interpreter.text("explain"), thrown), 100_000);
    if (typeof given === "string") return failureIn(given.slice(1), interpreter, limits);
  } catch (again) {
    if (!isOfGuest(again)) throw again;
  }
  return outOfMemory;
}

function isOfGuest(thrown: unknown): boolean {
  return thrown instanceof GuestException || thrown instanceof FuelExhausted || thrown instanceof MemoryExhausted;
}

/** A bare value is an error for want of memory if the instance had to grow beyond the guest's limit. */
function failureIn(text: string, interpreter: Interpreter, limits: ExecutionLimits): GuestFailure {
  if (isBareValue(text) && interpreter.claimedBytes > limits.memoryBytes) return outOfMemory;
  return parseGuestFailure(text) ?? outOfMemory;
}

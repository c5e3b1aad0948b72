// One thread of the sandbox. It answers one request at a time; the host kills it when it takes too long. Each request
// gets an interpreter of its own, restored from the image of the bundle, and dropped afterwards.
import { parentPort, workerData } from "node:worker_threads";
import type { LoadIndex } from "@p8e/contract";
import { concatBytes } from "@p8e/core";
import { describeGuest, type GuestAnswer, imageOfBundle, startGuest } from "./guest.ts";
import type { InterpreterBuild, MemoryImage } from "./interpreter.ts";
import type { ExecutionRequest, NamedBytes, WorkerReply, WorkerRequest, WorkerStart } from "./worker-protocol.ts";

/** Images have several megabytes; one worker rarely sees more than a few contracts. */
const IMAGES_MAX = 4;

const { wasm, prelude, limits } = workerData as WorkerStart;
const build: InterpreterBuild = { wasm, prelude };
const images = new Map<string, MemoryImage>();

function answer({ bundleKey, bundle, execution, trial = {} }: WorkerRequest): WorkerReply {
  const { fuel, prelude: other } = trial;
  const loaded =
    other === undefined ? imageOf(bundleKey, bundle) : imageOfBundle({ wasm, prelude: other }, limits, bundle);
  if ("failure" in loaded) return { kind: "not loaded", failure: loaded.failure };
  if (execution === undefined) return { kind: "described", answer: describeGuest(build, limits, loaded.image) };
  const guest = startGuest(build, limits, loaded.image);
  const { index, payload } = packed(execution);
  const load = guest.load(index, payload);
  const calls: GuestAnswer[] = [];
  if (load.kind === "value") {
    for (const name of execution.calls) {
      const one = guest.call(name, fuel);
      calls.push(one);
      if (one.kind === "failure") break;
    }
  }
  return { kind: "executed", load, calls };
}

function imageOf(key: string, bundle: Uint8Array): ReturnType<typeof imageOfBundle> {
  const known = images.get(key);
  if (known !== undefined) {
    images.delete(key);
    images.set(key, known);
    return { image: known };
  }
  const loaded = imageOfBundle(build, limits, bundle);
  if ("image" in loaded) {
    images.set(key, loaded.image);
    const [oldest] = images.keys();
    if (images.size > IMAGES_MAX && oldest !== undefined) images.delete(oldest);
  }
  return loaded;
}

function packed({ startedAt, records, inputs }: ExecutionRequest): { index: LoadIndex; payload: Uint8Array } {
  let offset = 0;
  const placed = ([name, bytes]: NamedBytes) => {
    const at = [name, offset, bytes.length] as const;
    offset += bytes.length;
    return at;
  };
  const index = {
    startedAt: { seconds: startedAt.seconds.toString(), nanos: startedAt.nanos },
    records: records.map(placed),
    inputs: inputs.map(placed),
  };
  return { index, payload: concatBytes(...[...records, ...inputs].map(([, bytes]) => bytes)) };
}

const port = parentPort;
if (port === null) throw new Error("this file is a worker");
port.on("message", (request: WorkerRequest) => {
  port.postMessage(replyTo(request));
});

function replyTo(request: WorkerRequest): WorkerReply {
  try {
    return answer(request);
  } catch (reason) {
    // A fault of the interpreter itself, such as a trap of WebAssembly. The host starts another worker.
    const text = reason instanceof Error ? `${reason.name}: ${reason.message}` : "unknown";
    return { kind: "broken", reason: text.slice(0, 500) };
  }
}

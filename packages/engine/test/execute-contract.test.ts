import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { clone, create, fromBinary, toJson } from "@bufbuild/protobuf";
import { Int32ValueSchema, StringValueSchema } from "@bufbuild/protobuf/wkt";
import { buildContract } from "@p8e/contract";
import { type ContentHash, contentMatches, hashContent, parseUuid } from "@p8e/core";
import { generatePrivateKey, localKey, signMessage, verifyMessage } from "@p8e/crypto";
import {
  type ExecutionOutcome,
  executeContract,
  type LoadedContract,
  loadContract,
  openSandbox,
  type Sandbox,
} from "@p8e/engine";
import * as scope from "@p8e/proto/scope";
import { number, type Packaged, packaged, text } from "./packaged-contract.ts";

const entry = fileURLToPath(new URL("fixtures/servicing.ts", import.meta.url));
const key = localKey(generatePrivateKey((length) => new Uint8Array(length).fill(7)));
const sign = (bytes: Uint8Array) => signMessage(key, bytes);
const terms = text("terms");

let sandbox: Sandbox;
let loaded: LoadedContract;
before(async () => {
  sandbox = openSandbox({ limits: { fuel: 500_000_000 } });
  const { bundle, manifest } = await buildContract({ entry, describe: (bytes) => sandbox.describe(bytes) });
  loaded = await loadContract(sandbox, bundle, manifest.bundle.hash);
});
after(() => sandbox[Symbol.asyncDispose]());

const execute = ({ contract, objects }: Packaged, existing = {}): Promise<ExecutionOutcome> =>
  executeContract(sandbox, { contract, loaded, objects, sign, ...existing });

/** Function, outcome and value of each result. */
function shown(outcome: ExecutionOutcome): readonly string[] {
  if (outcome.kind === "failed") return [`${outcome.function} ${outcome.failure.code}`];
  return outcome.results.map((result) => {
    if (result.outcome === "SKIP") return `${result.function} SKIP ${JSON.stringify(result.reason)}`;
    const value =
      result.record === "grace"
        ? fromBinary(Int32ValueSchema, result.bytes).value
        : fromBinary(StringValueSchema, result.bytes).value;
    return `${result.function} PASS ${value}`;
  });
}

describe("an execution", () => {
  it("runs every function whose inputs are there, in order of their names, for whichever role", async () => {
    const values = { records: { terms }, inputs: { event: text("paid"), days: number(30) } };
    assert.deepEqual(shown(await execute(packaged(loaded, values))), [
      "appendEvent PASS terms, paid",
      "setGrace PASS 1030",
      "touch PASS yes",
    ]);
  });

  it("skips a function that lacks an input, and one whose record exists already", async () => {
    assert.deepEqual(shown(await execute(packaged(loaded, { records: { terms } }))), [
      'appendEvent SKIP {"kind":"input absent","names":["event"]}',
      'setGrace SKIP {"kind":"input absent","names":["days"]}',
      "touch PASS yes",
    ]);
    const values = { records: { terms, history: text("old") }, inputs: { event: text("paid"), days: number(1) } };
    assert.deepEqual(shown(await execute(packaged(loaded, values))), [
      "appendEvent PASS old, paid",
      'setGrace SKIP {"kind":"record exists","name":"history"}',
      "touch PASS yes",
    ]);
  });

  it("gives the contract with its results, signed; what was given is unchanged", async () => {
    const given = packaged(loaded, { records: { terms }, inputs: { event: text("paid") } });
    const before = clone(scope.ContractSchema, given.contract);
    const outcome = await execute(given);
    assert.ok(outcome.kind === "executed");
    assert.deepEqual(given.contract, before);
    assert.deepEqual(fromBinary(scope.ContractSchema, outcome.contractBytes), outcome.contract);
    assert.ok(verifyMessage(outcome.signature, outcome.contractBytes));
    const string = "com.google.protobuf.StringValue";
    assert.deepEqual(
      outcome.contract.considerations.map(({ result }) => resultJson(result!)),
      [
        {
          output: { name: "history", hash: hashContent(text("terms, paid")), classname: string },
          result: "PASS",
          fuel: "some",
        },
        { output: { name: "grace", classname: "com.google.protobuf.Int32Value" }, result: "SKIP" },
        {
          output: { name: "touched", hash: hashContent(text("yes")), classname: string },
          result: "PASS",
          fuel: "some",
        },
      ],
    );
    for (const result of outcome.results) {
      if (result.outcome === "PASS") assert.ok(contentMatches(result.bytes, result.hash));
    }
  });

  it("names what an output replaces", async () => {
    const old = hashContent(text("old"));
    const uuid = parseUuid("c370d852-0f3b-4f70-85e6-25983ac07c0f");
    const values = { records: { terms, history: text("old") }, inputs: { event: text("paid") } };
    const outcome = await execute(packaged(loaded, values), { scope: { uuid, records: new Map([["history", old]]) } });
    assert.deepEqual(resultJson(outcome.contract.considerations[0]!.result!), {
      output: {
        name: "history",
        hash: hashContent(text("old, paid")),
        classname: "com.google.protobuf.StringValue",
        ancestor: { scopeUuid: { value: uuid }, hash: old, name: "history" },
      },
      result: "PASS",
      fuel: "some",
    });
  });

  it("leaves out a consideration that has a result already", async () => {
    const given = packaged(loaded, { records: { terms } });
    const kept = create(scope.ExecutionResultSchema, { result: scope.ExecutionResult_Result.SKIP });
    given.contract.considerations[2]!.result = kept;
    const outcome = await execute(given);
    assert.deepEqual(shown(outcome).length, 2);
    assert.deepEqual(outcome.contract.considerations[2]!.result, kept);
  });
});

/** A result as JSON; how much fuel it names is another test's. */
function resultJson(result: scope.ExecutionResult) {
  const json = toJson(scope.ExecutionResultSchema, result) as Record<string, unknown>;
  return json["fuel"] === undefined ? json : { ...json, fuel: Number(json["fuel"]) > 0 ? "some" : "none" };
}

describe("a failed execution", () => {
  it("names rule, field and function; earlier results are dropped", async () => {
    const outcome = await execute(packaged(loaded, { records: { terms }, inputs: { event: text("") } }));
    assert.ok(outcome.kind === "failed");
    assert.deepEqual(
      { code: outcome.error.code, message: outcome.error.message, facts: outcome.error.facts },
      {
        code: "contract.failed",
        message: "an event needs a name",
        facts: {
          rule: "event-given",
          field: "event.value",
          function: "appendEvent",
          error: "RuleViolation",
          message: "an event needs a name",
        },
      },
    );
    assert.deepEqual(
      outcome.contract.considerations.map(({ result }) => result && resultJson(result)),
      [
        {
          output: { name: "history", classname: "com.google.protobuf.StringValue" },
          result: "FAIL",
          errorMessage: "RuleViolation event-given at event.value: an event needs a name",
          fuel: "some",
        },
        undefined,
        undefined,
      ],
    );
    assert.ok(verifyMessage(outcome.signature, outcome.contractBytes));
    assert.ok(!("results" in outcome));
  });

  it("says nothing of the code's inside in what is signed", async () => {
    const outcome = await execute(packaged(loaded, { records: { terms }, inputs: { event: text("half") } }));
    assert.deepEqual(shown(outcome), ["appendEvent contract.failed"]);
    assert.doesNotMatch(new TextDecoder().decode(outcome.contractBytes), /bundle\.js|prelude\.js/);
  });

  it("is what running out of fuel is: an outcome, with the function's name", async () => {
    const outcome = await execute(packaged(loaded, { records: { terms }, inputs: { event: text("loop") } }));
    assert.ok(outcome.kind === "failed");
    assert.equal(outcome.error.code, "contract.out_of_fuel");
    assert.equal(outcome.error.facts.function, "appendEvent");
    assert.equal(outcome.error.facts.fuel, 500_000_000);
  });
});

describe("a contract that is not what it says", () => {
  const good = () => packaged(loaded, { records: { terms }, inputs: { event: text("paid") } });
  const rejected = (given: Packaged, error: object) => assert.rejects(execute(given), error);

  it("is refused if a required record is absent", () =>
    rejected(packaged(loaded, {}), { code: "session.record_missing", facts: { record: "terms" } }));

  it("is refused if a record or an input has another class, naming both", async () => {
    const record = good();
    record.contract.inputs[0]!.dataLocation!.classname = "example.Other";
    await rejected(record, {
      code: "session.type_mismatch",
      facts: { expected: "com.google.protobuf.StringValue", actual: "example.Other", record: "terms" },
    });
    const input = good();
    input.contract.considerations[0]!.inputs[0]!.classname = "com.google.protobuf.Int32Value";
    await rejected(input, {
      code: "session.type_mismatch",
      facts: {
        expected: "com.google.protobuf.StringValue",
        actual: "com.google.protobuf.Int32Value",
        function: "appendEvent",
        input: "event",
      },
    });
  });

  it("is refused if a value is missing, is another, or is no message of its type", async () => {
    const hash = hashContent(text("paid"));
    const missing = good();
    missing.objects.delete(hash);
    await rejected(missing, { code: "object.not_found", facts: { hash, input: "event" } });
    const flipped = good();
    flipped.objects.set(hash, text("paix"));
    await rejected(flipped, { code: "object.hash_mismatch", facts: { hash, input: "event" } });
    const malformed = packaged(loaded, { records: { terms }, inputs: { event: Uint8Array.of(10, 9, 65) } });
    await assert.rejects(execute(malformed), (error: { code: string; facts: { kind: string; value: string } }) => {
      assert.deepEqual([error.code, error.facts.kind, error.facts.value], ["input.invalid", "input", "event"]);
      return true;
    });
  });

  const faults: Record<string, (contract: scope.Contract) => void> = {
    "another specification": (contract) => {
      contract.spec!.dataLocation!.ref!.hash = hashContent(text(""));
    },
    "another definition": (contract) => {
      contract.definition!.resourceLocation!.ref!.hash = hashContent(text(""));
    },
    "no definition": (contract) => {
      delete contract.definition;
    },
    "functions left out": (contract) => {
      contract.considerations.pop();
    },
    "functions in another order": (contract) => {
      contract.considerations.reverse();
    },
    "a party too few": (contract) => {
      contract.recitals.pop();
    },
    "a role twice": (contract) => {
      contract.recitals[0]!.signerRole = contract.recitals[1]!.signerRole;
    },
    "a role that does not exist": (contract) => {
      contract.recitals[0]!.signerRole = 9 as never;
    },
    "a party without keys": (contract) => {
      delete contract.recitals[0]!.signer;
    },
    "no start time": (contract) => {
      delete contract.startTime;
    },
    "an unknown record": (contract) => {
      contract.inputs[0]!.name = "unknown";
    },
    "a record twice": (contract) => {
      contract.inputs[1] = contract.inputs[0]!;
    },
    "an input that the function does not take": (contract) => {
      contract.considerations[0]!.inputs[0]!.name = "days";
    },
    "an input twice": (contract) => {
      contract.considerations[0]!.inputs.push(contract.considerations[0]!.inputs[0]!);
    },
  };
  for (const [what, spoil] of Object.entries(faults)) {
    it(`is refused with session.invalid: ${what}`, async () => {
      const given = good();
      const contract = clone(scope.ContractSchema, given.contract);
      spoil(contract);
      await rejected({ ...given, contract }, { code: "session.invalid" });
    });
  }
});

describe("a bundle", () => {
  it("is not loaded unless it has the hash that names it", async () => {
    const flipped = loaded.bundle.slice();
    flipped[7_000]! ^= 1;
    await assert.rejects(loadContract(sandbox, flipped, loaded.manifest.bundle.hash), {
      code: "contract.bundle_corrupt",
      facts: { expected: loaded.manifest.bundle.hash, actual: hashContent(flipped) },
    });
  });

  it("that gives something else than the record's type fails", async () => {
    // What a bundle does that was not made by buildContract.
    const code = new TextDecoder()
      .decode(loaded.bundle)
      .replace(/export\{call,/, "const lie=()=>Uint8Array.of(10,9);export{lie as call,");
    const bundle = new TextEncoder().encode(code);
    const lying = await loadContract(sandbox, bundle, hashContent(bundle));
    const { contract, objects } = packaged(lying, { records: { terms } });
    const outcome = await executeContract(sandbox, { contract, loaded: lying, objects, sign });
    assert.ok(outcome.kind === "failed");
    assert.equal(outcome.failure.name, "MalformedOutput");
  });

  it("that gives the record's type in another form than the canonical one fails: decoders might read it differently", async () => {
    const code = new TextDecoder()
      .decode(loaded.bundle)
      .replace(/export\{call,/, "const lie=()=>Uint8Array.of(10,0);export{lie as call,");
    const bundle = new TextEncoder().encode(code);
    const lying = await loadContract(sandbox, bundle, hashContent(bundle));
    const { contract, objects } = packaged(lying, { records: { terms } });
    const outcome = await executeContract(sandbox, { contract, loaded: lying, objects, sign });
    assert.ok(outcome.kind === "failed");
    assert.match(outcome.failure.message, /canonical/);
  });

  it("reads values and outputs of more than 64 KiB all the same, on threads", async () => {
    const long = "x".repeat(70_000);
    const values = { records: { terms: text(long) }, inputs: { event: text("paid") } };
    assert.equal(shown(await execute(packaged(loaded, values)))[0], `appendEvent PASS ${long}, paid`);
    // Another wire type than a text has, behind the text.
    const spoiled = { records: { terms: Uint8Array.of(...text(long), 8, 1) }, inputs: values.inputs };
    await assert.rejects(execute(packaged(loaded, spoiled)), {
      code: "input.invalid",
      facts: {
        kind: "record",
        value: "terms",
        file: undefined,
        field: "value",
        reason: "has the wire type 0, and its declaration has 2",
        readersDiffer: true,
      },
    });
    const given = packaged(loaded, values);
    const running = executeContract(
      sandbox,
      { contract: given.contract, loaded, objects: given.objects, sign },
      { signal: AbortSignal.abort() },
    );
    await assert.rejects(running, { code: "rpc.cancelled" });
  });

  for (const [tail, says] of [
    ["out[out.length-1]=9;", /is not a com\.google\.protobuf\.StringValue/],
    ["out[out.length-1]=0;", /canonical/],
  ] as const) {
    it(`judges an output of more than 64 KiB as a small one: it ${tail.includes("9") ? "is none" : "has another form"}`, async () => {
      // The text is there twice; the second time it is empty, or its length is none.
      const lie = `const lie=()=>{const out=new Uint8Array(70006).fill(120);out.set([10,240,162,4]);out[70004]=10;${tail}return out};`;
      const code = new TextDecoder().decode(loaded.bundle).replace(/export\{call,/, `${lie}export{lie as call,`);
      const bundle = new TextEncoder().encode(code);
      const lying = await loadContract(sandbox, bundle, hashContent(bundle));
      const { contract, objects } = packaged(lying, { records: { terms } });
      const outcome = await executeContract(sandbox, { contract, loaded: lying, objects, sign });
      assert.ok(outcome.kind === "failed");
      assert.match(outcome.failure.message, says);
    });
  }
});

describe("determinism", () => {
  it("holds for what processors disagree on: every NaN has the same bits", async () => {
    const { attack } = await import("./hostile-bundle.ts");
    const call = `
      const values = [0 / 0, -(0 / 0), Infinity - Infinity, Math.sqrt(-1), Math.log(-1), parseFloat("x"), Number("x")];
      const view = new DataView(new ArrayBuffer(8));
      for (const value of values) { view.setFloat64(0, value); values.push(view.getFloat64(0)); if (values.length > 12) break; }
      const doubles = new Uint8Array(new Float64Array(values).buffer);
      const floats = new Uint8Array(new Float32Array(values).buffer);
      return new Uint8Array([...doubles, ...floats]);`;
    const outcome = await attack(sandbox, call);
    assert.ok(outcome.kind === "output");
    const doubles = new BigUint64Array(outcome.output.slice(0, 13 * 8).buffer);
    const floats = new Uint32Array(outcome.output.slice(13 * 8).buffer);
    assert.deepEqual([...new Set(doubles)], [0x7ff8000000000000n]);
    assert.deepEqual([...new Set(floats)], [0x7fc00000]);
  });

  it("holds over runs, threads, restored and fresh interpreters: the same bytes and the same fuel", async () => {
    const inputs = { event: text("x".repeat(50_000)), days: number(-5) };
    const given = packaged(loaded, { records: { terms, history: text("\u00e9\u{1f600}".repeat(5_000)) }, inputs });
    const unsigned = async () => create(scope.SignatureSchema);
    const runs: { bytes: ContentHash; fuel: readonly number[] }[] = [];
    for (let round = 0; round < 3; round++) {
      await using fresh = openSandbox({ workers: 2 });
      const outcomes = await Promise.all(
        [1, 2, 3, 4].map(() =>
          executeContract(fresh, { contract: given.contract, loaded, objects: given.objects, sign: unsigned }),
        ),
      );
      for (const outcome of outcomes) {
        assert.ok(outcome.kind === "executed");
        const fuel = outcome.results.map((result) => (result.outcome === "PASS" ? result.fuel : -1));
        runs.push({ bytes: hashContent(outcome.contractBytes), fuel });
      }
    }
    assert.equal(runs.length, 12);
    assert.ok(runs[0]!.fuel.some((fuel) => fuel > 0));
    for (const run of runs) assert.deepEqual(run, runs[0]);
  });
});

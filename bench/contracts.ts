// What a contract costs one party: the loan contract with its sound package. `sandbox-cold` begins with a new thread;
// `execute-loan-warm` runs in one that has the contract, against the same bundle in the interpreter without a meter, by
// turns (`peer`); `execute-loan-stores` is a whole session, on a ledger and a store of a local environment; `onboard`
// counts sessions that run at once, each with a transaction of its own, `onboard-batched` those that share transactions;
// `tape-1000` is a tape of so many whole loan packages, from its text to the last row's place on the ledger.
// `two-party-p50` and `two-party-p99` are from executing a contract that two parties
// sign until it is on the ledger, the other one approving by a policy, at blocks of 200 ms; `two-party-rate` counts such
// sessions, so many at once.
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { create, toBinary } from "@bufbuild/protobuf";
import { abiLimits, buildContract } from "@p8e/contract";
import { mapAtMost, networks } from "@p8e/core";
import { parseExactJson } from "@p8e/decoding";
import { openSandbox, type RunRequest, type Sandbox } from "@p8e/engine";
import { environmentProfile, startEnvironment } from "@p8e/environment";
import { PersonSchema } from "@p8e/example-hello";
import {
  contractEntry,
  inputSchemas,
  type LoanPackage,
  loadSamplePackage,
  recordLoan,
  scopeSpecification,
} from "@p8e/example-loan";
import { affiliateOfParty, openParty } from "@p8e/party";
import {
  listen,
  mapColumns,
  type Onboarding,
  onboardTape,
  type P8eClient,
  parseApprovalPolicy,
  readTape,
  type SessionScope,
} from "@p8e/sdk";
import handshake, { scopeSpecification as handshakeScope } from "../examples/hello/src/handshake.ts";
import { webAssembly } from "../packages/engine/src/sandbox/web-assembly.ts";
import { type BenchRow, benchRow, percentile, printRows } from "./report.ts";

const COLD_ROUNDS = 5;
const WARM_ROUNDS = 60;
const SESSIONS = 10;
const ONBOARDED = 30;
const AT_ONCE = 8;
const BATCHED = 48;
const TAPE_ROWS = 1000;
const TAPE_SECONDS = 60;
/** Of one after the other: enough for a 99th percentile. */
const AGREED_ALONE = 200;
const AGREED = 40;
const AGREED_AT_ONCE = 40;
/** What the meter may cost. */
const LIMIT_TIMES_PEER = 1.3;

const handshakeEntry = fileURLToPath(new URL("../examples/hello/src/handshake.ts", import.meta.url));

const calls = [
  ...["recordAsset", "recordDocuments", "recordENote", "recordServicingData", "recordServicingRights"],
  "recordValidationData",
];
const loan = await loadSamplePackage("sound");
const names = Object.keys(inputSchemas) as (keyof LoanPackage)[];
const request: RunRequest = {
  startedAt: { seconds: 1_800_000_000n, nanos: 0 },
  records: [],
  inputs: names.map((name) => [name, toBinary(inputSchemas[name], loan[name] as never)] as const),
  calls,
};

async function milliseconds(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function run(sandbox: Sandbox, bundle: Uint8Array): Promise<void> {
  const { outcomes } = await sandbox.run(bundle, request);
  if (outcomes.length !== calls.length || outcomes.some(({ kind }) => kind === "failure")) throw new Error("refused");
}

/** The same work without a meter, in this thread: a new instance in the state after the bundle had loaded, each time. */
function withoutMeter(bundle: Uint8Array): () => void {
  interface Plain {
    readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
    allocate(size: number): number;
    open(...numbers: number[]): number;
    load(...numbers: number[]): number;
    ask(...numbers: number[]): number;
  }
  const engine = new URL("../packages/engine/", import.meta.url);
  const module = new webAssembly.Module(readFileSync(new URL("interpreter/interpreter.wasm", engine)));
  const encoder = new TextEncoder();
  const end = (reason: number): never => {
    throw new Error(`ended for reason ${reason}`);
  };
  const instance = () => new webAssembly.Instance(module, { p8e: { end } }).exports as unknown as Plain;
  const placed = (guest: Plain, bytes: Uint8Array): readonly number[] => {
    const at = guest.allocate(bytes.length);
    new Uint8Array(guest.memory.buffer).set(bytes, at);
    return [at, bytes.length];
  };
  const first = instance();
  const prelude = readFileSync(new URL("src/sandbox/prelude.js", engine));
  const pages = Math.ceil((abiLimits.memoryBytes + abiLimits.inputBytes) / 65_536) + 512;
  first.open(...placed(first, prelude), abiLimits.memoryBytes, abiLimits.stackBytes, pages);
  first.load(...placed(first, bundle));
  const image = new Uint8Array(first.memory.buffer).slice();
  const payload = Buffer.concat(request.inputs.map(([, bytes]) => bytes));
  let offset = 0;
  const inputs = request.inputs.map(([name, { length }]) => {
    const at = [name, offset, length] as const;
    offset += length;
    return at;
  });
  const index = JSON.stringify({ startedAt: { seconds: "1800000000", nanos: 0 }, records: [], inputs });
  const empty = new Uint8Array(0);
  return () => {
    const guest = instance();
    const missing = (image.length - guest.memory.buffer.byteLength) / 65_536;
    if (missing > 0) guest.memory.grow(missing);
    new Uint8Array(guest.memory.buffer).set(image);
    const ask = (operation: string, argument: string, bytes: Uint8Array) => {
      const texts = [operation, argument].flatMap((text) => placed(guest, encoder.encode(text)));
      guest.ask(...texts, ...placed(guest, bytes));
    };
    ask("load", index, payload);
    for (const name of calls) ask("call", name, empty);
  };
}

async function sandboxRows(): Promise<readonly BenchRow[]> {
  await using sandbox = openSandbox();
  const { bundle } = await buildContract({ entry: contractEntry, describe: (built) => sandbox.describe(built) });
  const cold: number[] = [];
  for (let round = 0; round < COLD_ROUNDS; round++) {
    cold.push(
      await milliseconds(async () => {
        await using fresh = openSandbox();
        await run(fresh, bundle);
      }),
    );
  }
  const plain = withoutMeter(bundle);
  const [warm, peer]: [number[], number[]] = [[], []];
  for (let round = 0; round < WARM_ROUNDS; round++) {
    warm.push(await milliseconds(() => run(sandbox, bundle)));
    peer.push(await milliseconds(plain));
  }
  const { median } = benchRow("peer", "ms", peer);
  const limit = Math.round(median * LIMIT_TIMES_PEER * 10) / 10;
  return [benchRow("sandbox-cold", "ms", cold), { ...benchRow("execute-loan-warm", "ms", warm), limit, peer: median }];
}

async function sessionRows(): Promise<readonly BenchRow[]> {
  await using stack = new AsyncDisposableStack();
  const dataDir = await mkdtemp(join(tmpdir(), "p8e-bench-contracts-"));
  stack.defer(() => rm(dataDir, { recursive: true, force: true }));
  const variables = process.env;
  stack.use(await startEnvironment({ dataDir, parties: ["lender"], variables }));
  const party = stack.use(openParty(await environmentProfile(dataDir, "lender"), { variables }));
  const client = await party.client();
  const { publisher, sessions } = client;
  const sandbox = await party.sandbox();
  const built = await buildContract({ entry: contractEntry, describe: (bundle) => sandbox.describe(bundle) });
  const plan = await publisher.plan({ built, scopes: [scopeSpecification], audience: [] });
  await publisher.publish(plan);
  const scope: SessionScope = { kind: "new", specification: plan.scopes[0]! };
  const contract = await sessions.find(recordLoan, scope);
  const owner = affiliateOfParty(party.self, party.profile.network.accountPrefix);
  const session = () =>
    sessions.run({ contract, scope, participants: new Map([["OWNER", owner]] as const), proposals: loan });
  await session();
  const alone: number[] = [];
  for (let round = 0; round < SESSIONS; round++) alone.push(await milliseconds(session));
  const rates: number[] = [];
  for (let round = 0; round < 3; round++) {
    const all = Array.from({ length: ONBOARDED });
    const ms = await milliseconds(() => mapAtMost(AT_ONCE, all, session));
    rates.push((ONBOARDED * 1000) / ms);
  }
  const owned = new Map([["OWNER", owner]] as const);
  const tape = (from: number, rows: number) =>
    onboarded(client, { contract, participants: owned, dataAccess: [] }, { from, rows });
  const batched: number[] = [];
  for (let round = 0; round < 3; round++) {
    const ms = await milliseconds(() => tape(round * BATCHED, BATCHED));
    batched.push((BATCHED * 1000) / ms);
  }
  const whole = (await milliseconds(() => tape(3 * BATCHED, TAPE_ROWS))) / 1000;
  return [
    benchRow("execute-loan-stores", "ms", alone),
    benchRow("onboard", "per s", rates),
    benchRow("onboard-batched", "per s", batched),
    { ...benchRow("tape-1000", "s", [whole]), limit: TAPE_SECONDS },
  ];
}

/** Rows that differ in their asset's id, each a whole loan package. */
async function onboarded(
  client: P8eClient,
  by: Pick<Onboarding, "contract" | "participants" | "dataAccess">,
  { from, rows }: { readonly from: number; readonly rows: number },
): Promise<void> {
  const id = (row: number) => `00000000-0000-4000-8000-${String(from + row).padStart(12, "0")}`;
  const lines = Array.from({ length: rows }, (_, row) => `LOAN-${from + row},${id(row)}`);
  const read = readTape(new TextEncoder().encode(["name,asset.id.value", ...lines].join("\n")), "csv");
  const text = readFileSync(new URL("../examples/loan/packages/sound.json", import.meta.url));
  const sample = parseExactJson(text, { what: "the sample" });
  if (sample.kind !== "object") throw new Error("the sample is no object");
  const { fields } = sample;
  const base = new Map(names.map((name) => [name, fields.get(name)!]));
  const columns = mapColumns(read.columns, new Map(), by.contract, { rowColumn: "name", base });
  const onboarding = { ...by, columns, base, rowColumn: "name", textOnly: true };
  for await (const { outcome } of onboardTape(client.parts, onboarding, read.records)) {
    if (outcome !== "written") throw new Error(outcome);
  }
}

/** A contract of the hello example that owner and servicer sign, between two parties that listen. */
async function agreementRows(): Promise<readonly BenchRow[]> {
  await using stack = new AsyncDisposableStack();
  const dataDir = await mkdtemp(join(tmpdir(), "p8e-bench-agreements-"));
  stack.defer(() => rm(dataDir, { recursive: true, force: true }));
  const variables = process.env;
  stack.use(await startEnvironment({ dataDir, parties: ["lender", "bank"], variables }));
  const open = async (name: "lender" | "bank") => {
    const party = stack.use(openParty(await environmentProfile(dataDir, name), { variables }));
    return { party, client: await party.client(), affiliate: affiliateOfParty(party.self, accountPrefix) };
  };
  const { accountPrefix } = networks.local;
  const [lender, bank] = [await open("lender"), await open("bank")];
  const { publisher, sessions, agreements } = lender.client;
  const sandbox = await lender.party.sandbox();
  const built = await buildContract({ entry: handshakeEntry, describe: (bundle) => sandbox.describe(bundle) });
  const audience = [bank.affiliate.encryptionKey];
  const plan = await publisher.plan({ built, scopes: [handshakeScope], audience });
  await publisher.publish(plan);
  const scope: SessionScope = { kind: "new", specification: plan.scopes[0]! };
  const contract = await sessions.find(handshake, scope);
  const policy = parseApprovalPolicy(
    JSON.stringify({
      format: 1,
      rules: [
        {
          name: "bench",
          contract: contract.specification.hash,
          invokers: [lender.party.self.address],
          scopeSpecification: plan.scopes[0],
          newScopes: true,
          limits: { messages: 1000, hours: 25, perDay: 1_000_000, fee: "1000000000000" },
        },
      ],
    }),
  );
  const stop = new AbortController();
  const written = new Map<string, () => void>();
  const failed = new Map<string, (error: unknown) => void>();
  const listening = [
    (async () => {
      for await (const news of listen(lender.client, { signal: stop.signal })) {
        if (news.kind !== "resumed") continue;
        const { uuid } = news.resumed.execution;
        if (news.resumed.error === undefined) written.get(uuid)?.();
        else failed.get(uuid)?.(news.resumed.error);
      }
    })(),
    (async () => {
      for await (const news of listen(bank.client, { policy, signal: stop.signal })) {
        if (news.kind === "unsound") failed.get(news.execution)?.(news.error);
      }
    })(),
  ];
  let count = 0;
  const participants = new Map([
    ["OWNER", lender.affiliate],
    ["SERVICER", bank.affiliate],
  ] as const);
  const session = async () => {
    const proposals = { person: create(PersonSchema, { name: `Ada ${count++}` }) };
    const prepared = await sessions.prepare({ contract, scope, participants, proposals });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    written.set(prepared.executionUuid, resolve);
    failed.set(prepared.executionUuid, reject);
    await agreements.request(await sessions.price(await sessions.execute(prepared)));
    await promise;
  };
  try {
    await session();
    const alone: number[] = [];
    for (let round = 0; round < AGREED_ALONE; round++) alone.push(await milliseconds(session));
    const rates: number[] = [];
    for (let round = 0; round < 3; round++) {
      const all = Array.from({ length: AGREED });
      const ms = await milliseconds(() => mapAtMost(AGREED_AT_ONCE, all, session));
      rates.push((AGREED * 1000) / ms);
    }
    const p99 = percentile(alone, 0.99);
    return [
      { ...benchRow("two-party-p50", "ms", alone), limit: 600 },
      benchRow("two-party-p99", "ms", [p99]),
      { ...benchRow("two-party-rate", "per s", rates), limit: 20 },
    ];
  } finally {
    stop.abort();
    await Promise.allSettled(listening);
  }
}

const rows = process.argv.includes("--two-party")
  ? await agreementRows()
  : [...(await sandboxRows()), ...(await sessionRows()), ...(await agreementRows())];
printRows("contracts", rows, process.argv.includes("--json"));

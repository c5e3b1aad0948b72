// What running a contract costs: the loan contract, all six functions, 20 KB of input. "Cold" begins with a new thread;
// "warm" restores the memory image of the loaded bundle. Each figure is a median, with the least and the most beside it.
import { toBinary } from "@bufbuild/protobuf";
import { buildContract } from "@p8e/contract";
import { openSandbox, type RunRequest, type Sandbox } from "@p8e/engine";
import { contractEntry, inputSchemas, type LoanPackage, loadSamplePackage } from "@p8e/example-loan";

const ROUNDS = 15;
const INPUT_BYTES = 20_000;

async function milliseconds(rounds: number, action: () => Promise<unknown>): Promise<readonly number[]> {
  const samples: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = process.hrtime.bigint();
    await action();
    samples.push(Number(process.hrtime.bigint() - start) / 1e6);
  }
  return samples.sort((left, right) => left - right);
}

function row(name: string, samples: readonly number[], unit = "ms"): void {
  const [median, least, most] = [samples[samples.length >> 1]!, samples[0]!, samples.at(-1)!];
  console.log(
    `  ${name.padEnd(46)}${median.toFixed(1).padStart(8)} ${unit}   (${least.toFixed(1)} to ${most.toFixed(1)})`,
  );
}

/** The sound package, with documents added until it has the size. */
async function loanOf(sizeBytes: number): Promise<RunRequest> {
  const loan = await loadSamplePackage("sound");
  const names = Object.keys(inputSchemas) as (keyof LoanPackage)[];
  const inputs = () => names.map((name) => [name, toBinary(inputSchemas[name], loan[name] as never)] as const);
  const size = () => inputs().reduce((sum, [, bytes]) => sum + bytes.length, 0);
  const [template] = loan.documents.document;
  for (let number = 0; size() < sizeBytes; number++) {
    const checksum = Buffer.alloc(32, number).toString("base64");
    loan.documents.document.push({ ...template!, checksum: { ...template!.checksum!, checksum } });
  }
  const calls = [
    "recordAsset",
    "recordDocuments",
    "recordENote",
    "recordServicingData",
    "recordServicingRights",
    "recordValidationData",
  ];
  const startedAt = { seconds: 1_800_000_000n, nanos: 0 };
  return { startedAt, records: [], inputs: inputs(), calls };
}

async function run(sandbox: Sandbox, bundle: Uint8Array, request: RunRequest): Promise<void> {
  const { outcomes } = await sandbox.run(bundle, request);
  const failed = outcomes.find((outcome) => outcome.kind === "failure");
  if (failed !== undefined) throw new Error(`${failed.name} failed`);
}

const request = await loanOf(INPUT_BYTES);
await using sandbox = openSandbox();
const describeBundle = (bundle: Uint8Array) => sandbox.describe(bundle);
const { bundle } = await buildContract({ entry: contractEntry, describe: describeBundle });
const inputBytes = request.inputs.reduce((sum, [, bytes]) => sum + bytes.length, 0);
console.log(`\nloan contract: bundle ${bundle.length} bytes, input ${inputBytes} bytes`);
row(
  "build (bundle twice, describe twice)",
  await milliseconds(5, () => buildContract({ entry: contractEntry, describe: describeBundle })),
);
row(
  "execute-loan-cold (new thread each time)",
  await milliseconds(5, async () => {
    await using fresh = openSandbox();
    await run(fresh, bundle, request);
  }),
);
row("execute-loan-warm", await milliseconds(ROUNDS * 4, () => run(sandbox, bundle, request)));
row(
  "  of it: a run without any function",
  await milliseconds(ROUNDS * 4, () => run(sandbox, bundle, { ...request, inputs: [], calls: [] })),
);
row(
  "  of it: decoding the inputs too",
  await milliseconds(ROUNDS * 4, () => run(sandbox, bundle, { ...request, calls: [] })),
);

for (const workers of [1, 2]) {
  await using pool = openSandbox({ workers });
  const burst = () => Promise.all(Array.from({ length: 40 }, () => run(pool, bundle, request)));
  await burst();
  const samples = await milliseconds(5, burst);
  row(
    `executions a second, ${workers} thread${workers === 1 ? "" : "s"}`,
    samples.map((ms) => 40_000 / ms).sort((a, b) => a - b),
    "/s",
  );
}

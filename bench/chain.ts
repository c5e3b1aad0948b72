// Sessions memorialized through the chain client, one transaction each (scope, session, record), fee query, confirmation and
// its result included: how long a signed one takes until it is confirmed, on a real node with blocks of several lengths, and
// how many a second go through, on the real node and the embedded ledger with the same blocks.
//   --rounds N (3), --samples N confirmations and --sessions N of each round (112, 300), --accounts N (16), --json
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import {
  addContractSpecificationToScopeSpecification,
  type ChainClient,
  connectChain,
  type LedgerSigner,
  ledgerSigner,
  sendCoins,
  writeContractSpecification,
  writeRecord,
  writeRecordSpecification,
  writeScope,
  writeScopeSpecification,
  writeSession,
} from "@p8e/chain";
import {
  contractSpecificationAddress,
  networks,
  randomUuid,
  recordSpecificationAddress,
  scopeAddress,
  scopeSpecificationAddress,
  sessionAddress,
} from "@p8e/core";
import { generatePrivateKey, localKey } from "@p8e/crypto";
import { openLedger, serveLedger } from "@p8e/ledger";
import { findProvenanced, startProvenanced } from "@p8e/testkit";
import { type BenchRow, benchRow, percentile, printRows } from "./report.ts";

const { values: given } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    samples: { type: "string", default: "112" },
    sessions: { type: "string", default: "300" },
    accounts: { type: "string", default: "16" },
    json: { type: "boolean", default: false },
  },
});
const [rounds, samples, sessions, accounts] = [given.rounds, given.samples, given.sessions, given.accounts].map(
  Number,
) as [number, number, number, number];

/** Of the real node. Its release's own is about five seconds; the last line is for development. */
const BLOCK_TIMES_MS = [5000, 1000, 250];
/** Of both ledgers when sessions are counted. */
const COUNTED_BLOCK_MS = 250;

const random = (length: number) => new Uint8Array(randomBytes(length));
const prefix = networks.local.accountPrefix;
const newSigners = () =>
  Array.from({ length: accounts }, () => ledgerSigner(localKey(generatePrivateKey(random)), prefix));
const specification = scopeSpecificationAddress(randomUuid(random));
const contractUuid = randomUuid(random);
const contractSpecification = contractSpecificationAddress(contractUuid);
const inputs = [{ name: "loan", typeName: "io.p8e.Loan", source: { hash: "aW5wdXQ=" } }];
const nhash = (amount: bigint) => [{ denomination: "nhash", amount }];

/** A ledger with the contract on it, and accounts that can pay. */
interface Ground {
  readonly chain: ChainClient;
  readonly signers: readonly LedgerSigner[];
}

async function onEmbedded(work: (ground: Ground) => Promise<void>): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const dataDir = await mkdtemp(join(tmpdir(), "p8e-bench-chain-"));
  stack.defer(() => rm(dataDir, { recursive: true, force: true }));
  const signers = newSigners();
  const ledger = await openLedger({
    ...{ dataDir, ...networks.local, blockIntervalMs: COUNTED_BLOCK_MS },
    clock: { now: () => Date.now() },
    genesis: { accounts: signers.map(({ address }) => ({ address, amount: 10n ** 18n })) },
  });
  const served = stack.use(await serveLedger(stack.use(ledger), { host: "127.0.0.1", port: 0 }));
  const chain = stack.use(await connectChain({ url: served.address, ...networks.local }));
  await prepare({ chain, signers });
  await work({ chain, signers });
}

async function onNode(blockTimeMs: number, work: (ground: Ground) => Promise<void>): Promise<void> {
  await using node = await startProvenanced(await findProvenanced(), { blockTimeMs });
  await using chain = await connectChain({ url: node.url, ...networks.local });
  const signers = newSigners();
  const faucet = ledgerSigner(localKey(node.faucet), prefix);
  const gifts = signers.map(({ address }) =>
    sendCoins({ from: faucet.address, to: address, amounts: nhash(10n ** 16n) }),
  );
  await chain.submit(gifts, { signer: faucet });
  await prepare({ chain, signers });
  await work({ chain, signers });
}

/** Publishes, and lets every account sign once: one that never did counts as a smart contract. */
async function prepare({ chain, signers }: Ground): Promise<void> {
  await Promise.all(
    signers.map((signer) => {
      const { address } = signer;
      return chain.submit([sendCoins({ from: address, to: address, amounts: nhash(1n) })], { signer });
    }),
  );
  await chain.submit(publication(signers[0]!), { signer: signers[0]! });
}

/** From signed to confirmed, in ms. Each account waits for its last one, and a while that blocks know nothing of. */
async function confirmations({ chain, signers }: Ground, blockTimeMs: number): Promise<readonly number[]> {
  const times: number[] = [];
  let left = samples;
  await Promise.all(
    signers.map(async (signer) => {
      while (left-- > 0) {
        await delay(Math.random() * blockTimeMs);
        let signedAt = 0;
        const onSigned = () => {
          signedAt = performance.now();
        };
        await chain.submit(session(signer), { signer, onSigned });
        times.push(performance.now() - signedAt);
      }
    }),
  );
  return times;
}

async function perSecond({ chain, signers }: Ground): Promise<number> {
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: sessions }, (_, index) => {
      const signer = signers[index % signers.length]!;
      return chain.submit(session(signer), { signer });
    }),
  );
  return sessions / ((performance.now() - startedAt) / 1000);
}

const rows: BenchRow[] = [];
const counts: { node: number[]; embedded: number[] } = { node: [], embedded: [] };
const eachRound = async (work: () => Promise<void>) => {
  for (let round = 0; round < rounds; round += 1) await work();
};
for (const blockTimeMs of BLOCK_TIMES_MS) {
  await onNode(blockTimeMs, async (ground) => {
    const found: { p50: number; p99: number }[] = [];
    await eachRound(async () => {
      const times = await confirmations(ground, blockTimeMs);
      found.push({ p50: percentile(times, 0.5), p99: percentile(times, 0.99) });
    });
    for (const part of ["p50", "p99"] as const) {
      rows.push(
        benchRow(
          `confirmation-${blockTimeMs}ms-${part}`,
          "ms",
          found.map((each) => each[part]),
        ),
      );
    }
    if (blockTimeMs === COUNTED_BLOCK_MS) await eachRound(async () => void counts.node.push(await perSecond(ground)));
  });
}
await onEmbedded((ground) => eachRound(async () => void counts.embedded.push(await perSecond(ground))));
rows.push(benchRow("sessions-node", "per s", counts.node), benchRow("sessions-embedded", "per s", counts.embedded));
printRows("chain", rows, given.json);

function publication({ address }: LedgerSigner) {
  const [owners, signers] = [[address], [address]];
  return [
    writeScopeSpecification({ specification, owners, partiesInvolved: ["OWNER"], signers }),
    writeContractSpecification({
      specification: contractSpecification,
      owners,
      partiesInvolved: ["OWNER"],
      source: { hash: "YnVuZGxl" },
      className: "io.p8e.LoanContract",
      signers,
    }),
    writeRecordSpecification({
      specification: recordSpecificationAddress(contractUuid, "loan"),
      name: "loan",
      inputs,
      typeName: "io.p8e.Loan",
      resultType: "RECORD",
      responsibleParties: ["OWNER"],
      signers,
    }),
    addContractSpecificationToScopeSpecification({ contractSpecification, scopeSpecification: specification, signers }),
  ];
}

function session({ address }: LedgerSigner) {
  const scopeUuid = randomUuid(random);
  const [scope, session, signers] = [scopeAddress(scopeUuid), sessionAddress(scopeUuid, randomUuid(random)), [address]];
  const parties = [{ address, role: "OWNER" as const }];
  return [
    writeScope({ scope, specification, owners: parties, valueOwner: address, signers }),
    writeSession({ session, contractSpecification, parties, name: "io.p8e.LoanContract", signers }),
    writeRecord({
      session,
      name: "loan",
      process: { source: { hash: "YnVuZGxl" }, name: "io.p8e.LoanContract", method: "recordLoan" },
      inputs,
      outputs: [{ hash: "b3V0cHV0", status: "PASS" }],
      signers,
    }),
  ];
}

// Sessions memorialized through the chain client on the embedded ledger: one transaction for each session (scope,
// session, record), fee query, confirmation and its result included. Arguments: sessions, accounts, block time in ms.
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import {
  addContractSpecificationToScopeSpecification,
  connectChain,
  type LedgerSigner,
  ledgerSigner,
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

const random = (length: number) => new Uint8Array(randomBytes(length));
const [sessions = 1000, accounts = 1, blockIntervalMs = 200] = process.argv.slice(2).map(Number);
const signers = Array.from({ length: accounts }, () =>
  ledgerSigner(localKey(generatePrivateKey(random)), networks.local.accountPrefix),
);
const specification = scopeSpecificationAddress(randomUuid(random));
const contractUuid = randomUuid(random);
const contractSpecification = contractSpecificationAddress(contractUuid);
const inputs = [{ name: "loan", typeName: "io.p8e.Loan", source: { hash: "aW5wdXQ=" } }];

const dataDir = await mkdtemp(join(tmpdir(), "p8e-bench-chain-"));
const ledger = await openLedger({
  dataDir,
  ...networks.local,
  clock: { now: () => Date.now() },
  blockIntervalMs,
  genesis: { accounts: signers.map(({ address }) => ({ address, amount: 10n ** 18n })) },
});
const served = await serveLedger(ledger, { host: "127.0.0.1", port: 0 });
const chain = await connectChain({ url: served.address, ...networks.local });

await chain.submit(publication(signers[0]!), { signer: signers[0]! });
const times: number[] = [];
const started = new Map<string, number>();
const startedAt = performance.now();
await Promise.all(
  Array.from({ length: sessions }, async (_, index) => {
    const signer = signers[index % accounts]!;
    await chain
      .submit(session(signer), {
        signer,
        // From here on it has a place in flight: what came before is waiting for one's own turn.
        onSigned: ({ hash }) => void started.set(hash, performance.now()),
      })
      .then(({ hash }) => times.push(performance.now() - started.get(hash)!));
  }),
);
const tookMs = performance.now() - startedAt;
times.sort((left, right) => left - right);
const at = (part: number) => `${Math.round(times[Math.floor((times.length - 1) * part)] ?? 0)} ms`;
process.stdout.write(
  `${sessions} sessions, ${accounts} account(s), blocks of ${blockIntervalMs} ms: ` +
    `${(tookMs / 1000).toFixed(1)} s, ${Math.round((sessions / tookMs) * 1000)}/s; ` +
    `signed to confirmed: median ${at(0.5)}, 99th percentile ${at(0.99)}\n`,
);

await chain[Symbol.asyncDispose]();
await served.close();
await ledger[Symbol.asyncDispose]();
await rm(dataDir, { recursive: true, force: true });

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

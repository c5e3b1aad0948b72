// A process of a party that runs one session, as a command would: it completes what was interrupted, then does its own.
// It waits to be told to begin, tells each step, and at the step it is given it kills itself with -9.
import { create } from "@bufbuild/protobuf";
import { connectChain } from "@p8e/chain";
import { networks, type ScopeSpecificationAddress } from "@p8e/core";
import { accountAddress, localKey, privateKeyFromProtoHex, systemRandom } from "@p8e/crypto";
import { openSandbox } from "@p8e/engine";
import { greet, PersonSchema } from "@p8e/example-hello";
import { ObjectClient } from "@p8e/object-client";
import { affiliateDirectory, affiliateOf, openSqliteStateStore, P8eClient, type SessionScope } from "@p8e/sdk";

/** What it is told: where everything is, and what to do. */
export interface SessionWork {
  readonly ledgerUrl: string;
  readonly storeUrl: string;
  readonly statePath: string;
  readonly privateKeys: { readonly signing: string; readonly encryption: string };
  readonly specification: ScopeSpecificationAddress;
  readonly name: string;
  /** The number of the step at which it dies; absent when it lives. */
  readonly diesAt?: number;
}

/** What it tells. */
export type SessionReport =
  | { readonly kind: "ready" }
  | { readonly kind: "prepared"; readonly execution: string; readonly scope: string }
  | { readonly kind: "done"; readonly execution: string; readonly resumed: readonly (readonly [string, string])[] };

const work: SessionWork = JSON.parse(process.argv[2]!);
const tell = (report: SessionReport) => new Promise((resolve) => process.send!(report, resolve));
let steps = 0;
const step = () => {
  if (++steps === work.diesAt) process.kill(process.pid, "SIGKILL");
};

// Twenty of these on a busy machine take their time.
const timeoutMs = 300_000;
await using chain = await connectChain({ url: work.ledgerUrl, ...networks.local, timeoutMs });
await using store = new ObjectClient({ url: work.storeUrl });
await using sandbox = openSandbox({ timeoutMs });
const party = {
  signing: localKey(privateKeyFromProtoHex(work.privateKeys.signing)),
  encryption: localKey(privateKeyFromProtoHex(work.privateKeys.encryption)),
};
const { accountPrefix, chainId } = networks.local;
await tell({ kind: "ready" });
await new Promise((resolve) => process.once("message", resolve));

await using state = openSqliteStateStore(work.statePath, {
  origin: { party: accountAddress(party.signing.publicKey, accountPrefix), network: chainId },
  random: systemRandom,
  nowMs: Date.now,
});
const directory = affiliateDirectory([affiliateOf(party)], accountPrefix);
const parts = { party, network: networks.local, store, chain, sandbox, state, directory };
const { sessions } = new P8eClient({ ...parts, random: systemRandom, nowMs: Date.now });
const resumed = await sessions.resume();
step();
const scope: SessionScope = { kind: "new", specification: work.specification };
const prepared = await sessions.prepare({
  ...{ contract: await sessions.find(greet, scope), scope },
  participants: new Map([["OWNER", affiliateOf(party)]]),
  proposals: { person: create(PersonSchema, { name: work.name }) },
});
const executed = await sessions.execute(prepared);
await tell({ kind: "prepared", execution: prepared.executionUuid, scope: prepared.packaged.request.scope.uuid });
step();
const done = await sessions.memorialize(await sessions.price(executed), { onShared: step, onCost: step });
step();
await tell({
  ...{ kind: "done", execution: done.executionUuid },
  resumed: resumed.map(({ execution, error }) => [execution.uuid, error?.code ?? execution.state]),
});
process.disconnect();

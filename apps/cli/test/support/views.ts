import type { ContractManifest } from "@p8e/contract";
import { type AccountAddress, type ContentHash, P8eError, type Uuid } from "@p8e/core";
import type { EnvironmentFile, Standing } from "@p8e/environment";
import type { InspectedObject, ReplicationOverview } from "@p8e/object-store";
import type { PartnerChange } from "@p8e/party";
import type { AccountView, PartnerView } from "@p8e/party/views";
import type { ScopeView } from "@p8e/party/views/scope";
import type { JvmRequest, PublicationComparison, RequestView, Transition } from "@p8e/sdk";
import { showAccount } from "../../src/screens/show-account.ts";
import { showBackup } from "../../src/screens/show-backup.ts";
import { showCardChange } from "../../src/screens/show-card-change.ts";
import { showChecks } from "../../src/screens/show-checks.ts";
import { showComparison } from "../../src/screens/show-comparison.ts";
import { showCost } from "../../src/screens/show-cost.ts";
import { showDrill } from "../../src/screens/show-drill.ts";
import { showEnvironment } from "../../src/screens/show-environment.ts";
import { showExecuted, showMemorialized, showPrice, showRequested } from "../../src/screens/show-executed.ts";
import { showFetched } from "../../src/screens/show-fetched.ts";
import { showFindings } from "../../src/screens/show-findings.ts";
import { showInbox } from "../../src/screens/show-inbox.ts";
import { showIndexed } from "../../src/screens/show-indexed.ts";
import { showInspected } from "../../src/screens/show-inspected.ts";
import { showJvmRequest, showJvmRequests } from "../../src/screens/show-jvm-request.ts";
import { showKeys } from "../../src/screens/show-keys.ts";
import { showManifest } from "../../src/screens/show-manifest.ts";
import { showObjects } from "../../src/screens/show-objects.ts";
import { showParties } from "../../src/screens/show-parties.ts";
import { showReplication } from "../../src/screens/show-replication.ts";
import { showRequest } from "../../src/screens/show-request.ts";
import { showScope } from "../../src/screens/show-scope.ts";
import { showSession } from "../../src/screens/show-session.ts";
import { showSessions } from "../../src/screens/show-sessions.ts";
import { showSetAside } from "../../src/screens/show-set-aside.ts";
import { showStandings } from "../../src/screens/show-standings.ts";
import { showStored } from "../../src/screens/show-stored.ts";
import { showPending, showReceipt, showTransactions } from "../../src/screens/show-transactions.ts";
import { showWhy } from "../../src/screens/show-why.ts";
import type { Screen } from "../../src/terminal/screen.ts";

// Fixed views of every kind of screen: as long as real ones are, and of nobody.

export const lender = "tp1w2y5qk7d0xgvm3k2ymz0fs6r9gn4ej8ch5zrq7" as AccountAddress;
export const bank = "tp1d9ruzaalq7t0h6m9gk2wvx3s8c5ynf4pk2jvx6" as AccountAddress;
export const hash = "NUwYKt8evqCXAKZqQ4g6UXFdrGxZE8Jq9kXvSnpgYmY=" as ContentHash;
const otherHash = "W9rC4bzzgCKDGZHCmsBVxOEdKWrpvhUkPWGc5rS0YuU=" as ContentHash;
const key = "BH2MTvjFvxTDvEXrR8QZqDVsKGzDPgjZVbUcGZDt3LDCkqmIhWgu6Xh7VpbUVYzxhGCXZQkLCTCFlR0h8Y9yL9M=";
const otherKey = "BLDMoCrKkPpHdmZBLjTvfMcDc1FdKvOBG7gvGkP8dIcDbwRzjRPLRz7sfrhGyHhIK4EU6nCo2Vy4yLhnXvNUr3A=";
const scope = "scope1qzpl6dyhrvw5wcpjrytgvwv2mvzqz3dyeu";
const session = "session1qxpl6dyhrvw5wcpjrytgvwv2mvzx6xcwstyhy3cmmz8wt4kvmtfs7z9hyu";
const transaction = "5A0D9E0C4C0B4F5E8B7C3C9CE60F6F7A3D4B1E2F9C8D7E6F5A4B3C2D1E0F9A8B";
const uuid = "8b6c2e0e-0000-4000-8000-000000000001" as Uuid;
const at = Date.UTC(2026, 0, 31, 12);

export const named = (address: string) => ({ [lender]: "Lender", [bank]: "Warehouse bank" })[address] ?? address;
const nameOf = (text: string) => ({ [key]: "Lender", [otherKey]: "Warehouse bank" })[text];
const inWords = (nhash: bigint) => `$${nhash / 100n}.${String(nhash % 100n).padStart(2, "0")} of test money`;

const scopeView: ScopeView = {
  ...{ scope, specification: "scopespec1qjpl6dyhrvw5wcpjrytgvwv2mvzq9ch0dh" },
  owners: [lender, bank],
  ownerRoles: [
    { address: lender, role: "OWNER" },
    { address: lender, role: "SERVICER" },
    { address: bank, role: "INVESTOR" },
  ],
  ...{ dataAccess: [bank], valueOwner: bank },
  sessions: [
    {
      ...{ session, contract: "example.loan.RecordLoan", parties: [lender], evidence: otherHash },
      partyRoles: [
        { address: lender, role: "OWNER" },
        { address: lender, role: "SERVICER" },
      ],
    },
  ],
  records: ["asset", "eNote"].map((name) => ({
    ...{ name, type: "tech.figure.asset.v1beta1.AssetOuterClass$Asset", method: "recordAsset", session },
    ...{ outputs: [hash], inputs: [] },
  })),
};

const inspected: InspectedObject = {
  ...{ uuid, dimeUuid: uuid, hash, createdAt: at, contentLength: 104_857_600n, storedLength: 104_859_002n },
  place: { kind: "storage", directory: "8b/6c", name: "8b6c2e0e00004000" },
  ...{ checked: true, repairs: 0, propertyNames: [], replica: false },
  damage: { uuid, kind: "missing", reason: "no such file", foundAt: at } as unknown as InspectedObject["damage"],
  readers: [
    {
      key: key as InspectedObject["readers"][number]["key"],
      mail: undefined,
      replication: {
        ...{ status: "local", reason: "the reader's own store is this one", url: undefined },
        ...{ attempts: 0, since: undefined, nextAttemptAt: undefined },
      },
    },
    {
      key: otherKey as InspectedObject["readers"][number]["key"],
      mail: { uuid, type: "AGREEMENT", acknowledgedAt: undefined },
      replication: {
        ...{ status: "replicated", reason: "the reader's store has it", url: "grpc://127.0.0.1:41234" },
        ...{ attempts: 1, since: at, nextAttemptAt: undefined },
      },
    },
  ],
};

const partner = {
  ...{ name: "bank", title: "Warehouse bank", address: bank, storeUrl: "grpcs://store.warehouse-bank.example:443" },
  ...{ signingKey: key, encryptionKey: otherKey },
};

const partnerView: PartnerView = { ...partner, registered: false, fingerprint: "83610 02471 99102 55731 40028" };

const overview: ReplicationOverview = {
  peers: [
    {
      ...{ url: partner.storeUrl, keys: 2, waiting: 12, waitingSince: at, setAside: 1, state: "refusing" },
      ...{ reason: "the object is too large for that store", since: at, nextProbeAt: at, lastSuccessAt: undefined },
    },
  ],
  refused: [
    {
      ...{ objectUuid: uuid, hash, key: otherKey as InspectedObject["readers"][number]["key"], url: partner.storeUrl },
      ...{ attempts: 9, setAside: true, reason: "the object is too large for that store", since: at },
      nextAttemptAt: undefined,
    },
  ],
};

const account: AccountView = {
  ...{ address: lender, network: "local", chainId: "p8e-local-1", balance: 66n, denomination: "nhash" },
  ...{ state: "silent", sequence: 0n },
};

const standings: Standing[] = [
  { what: "the environment", folder: "/home/ada/loans/.p8e", process: 4711, leftDatabase: undefined },
  { what: "the store", folder: "/home/ada/loans/.p8e/store", process: undefined, leftDatabase: 815 },
];

const manifest = {
  ...{ format: 1, abi: 1, className: "example.loan.RecordLoan", scopes: ["example.loan"] },
  ...{ participants: ["OWNER", "SERVICER"], records: [{ name: "asset", optional: true }], warnings: [] },
  functions: [
    {
      ...{ name: "recordAsset", invokedBy: "OWNER", writes: { name: "asset" } },
      inputs: [{ name: "asset" }, { name: "servicingRights" }],
    },
  ],
} as unknown as ContractManifest;

const comparison: PublicationComparison = {
  ...{ className: "example.hello.Greet", contract: "contractspec1q0new" as PublicationComparison["contract"] },
  published: "contractspec1q0old" as PublicationComparison["contract"],
  changes: [
    { what: 'record "greeting"', says: "is not written any more", scopes: [scope], contracts: [] },
    { what: 'function "greet"', says: "is called welcome", scopes: [], contracts: [] },
  ] as unknown as PublicationComparison["changes"],
  ...{ unread: ["example.hello.Other: its publisher did not share its code"], breaks: true },
};

const environment = {
  ...{ ledger: "embedded", ledgerUrl: "grpc://127.0.0.1:40123", network: { chainId: "p8e-local-1" } },
  parties: [
    { ...partner, name: "lender", title: "Lender", address: lender, storeUrl: "grpc://127.0.0.1:41233" },
    { ...partner, storeUrl: "grpc://127.0.0.1:41234" },
  ],
} as unknown as EnvironmentFile;

const change = {
  partner: { ...partner, toRegister: true },
  before: { ...partner, signingKey: otherKey, toRegister: false },
  newKeys: true,
} as unknown as PartnerChange;

const steps: Transition[] = [
  { side: "invoker", from: undefined, to: "requested", atMs: at, actor: lender, cause: "asked" },
  { side: "invoker", from: "requested", to: "awaiting", atMs: at + 1500, actor: bank, cause: "signed by one of two" },
];

const failure = new P8eError("contract.failed", "a rule of the contract does not hold: nobody can be greeted", {
  facts: { rule: "name-given", field: `person.names.${"first".repeat(20)}` },
  hint: "Correct the input, and execute the contract again; nothing was stored and nothing was written.",
});

export const request: RequestView = {
  ...{ execution: uuid, state: "inspected", invoker: lender, deadline: "2027-01-01T00:00:00.000Z" },
  scope: { address: scope, isNew: false, specification: "scopespec1qabc" },
  session,
  contract: {
    ...{ className: "example.hello.Greet", hash, address: "contractspec1qabc" },
    ...{ publishers: [lender], publishersNamed: false },
  },
  signers: [
    { address: lender, roles: ["OWNER"], invoker: true, self: false, signed: true },
    { address: bank, roles: ["SERVICER", "INVESTOR"], invoker: false, self: true, signed: false },
    { address: "tp1former" as AccountAddress, roles: [], invoker: false, self: false, signed: false },
  ],
  inputs: [
    {
      ...{ name: "person", from: "proposal", type: "example.hello.v1.Person", hash },
      fields: { shown: [{ path: "name", value: '"Grace Brewster Murray Hopper, rear admiral"' }], left: 0 },
    },
  ],
  outputs: [
    {
      ...{ record: "greeting", function: "greet", type: "example.hello.v1.Greeting", hash },
      change: {
        ...{ kind: "changed", before: hash },
        differences: { shown: [{ path: "text", before: '"Hello, Ada"', after: '"Hello, Grace"' }], left: 7 },
      },
    },
    { ...{ record: "kept", function: "keep", type: "example.hello.v1.Greeting", hash }, change: { kind: "same" } },
    {
      ...{ record: "other", function: "other", type: "example.hello.v1.Greeting", hash },
      change: { kind: "unreadable", before: hash, why: "object.not_found", fields: { shown: [], left: 0 } },
    },
  ],
  skipped: [{ function: "late", why: "input absent: date" }],
  newReaders: [],
  leave: [{ message: "/provenance.metadata.v1.MsgWriteSessionRequest", count: 3, until: "2027-01-01T00:00:00.000Z" }],
  leaveText: [
    `${lender} may write 3 MsgWriteSessionRequest messages on any scope of yours until 2027-01-01T00:00:00.000Z`,
  ],
  fee: 5n,
};

/** What is shown of each view, by the command that shows it. */
const jvmRequest = {
  ...{ uuid, state: "rejected", invoker: lender, reason: "we run no archives", receivedAtMs: at },
  request: { content: new Uint8Array(), signature: new Uint8Array(), signer: undefined as never },
} satisfies JvmRequest;

export const screens: Readonly<Record<string, (screen: Screen) => void>> = {
  up: (to) => showEnvironment(to, environment),
  status: (to) => showStandings(to, standings),
  doctor: (to) =>
    showChecks(to, [
      { what: "Node.js", ok: true, says: "v24.1.0 on linux x64" },
      { what: "environment", ok: false, says: "it exists but does not run; npm start or npx p8e up starts it" },
    ]),
  put: (to) =>
    showStored(to, {
      ...{ hash, store: "grpc://127.0.0.1:41233", title: "Lender" },
      readWith: `npx p8e get ${hash} --as bank --from lender --out ./`,
    }),
  get: (to) => showFetched(to, { signer: key, signerTitle: undefined, file: { name: "deed “final”.pdf" } }),
  ls: (to) =>
    showObjects(to, {
      ...{ title: "the store of Lender", reader: "Lender", goesOn: false },
      objects: [
        { name: "loan package – signed.pdf", from: "Lender", createdAt: at, contentLength: 104_857_600n, hash },
        { name: undefined, from: "Warehouse bank", createdAt: at, contentLength: 12n, hash: otherHash },
        { name: "貸付契約書.pdf", from: "Warehouse bank", createdAt: at, contentLength: 1234n, hash: otherHash },
      ],
      next: `npx p8e ls --as lender --after ${otherHash}`,
    }),
  inspect: (to) =>
    showInspected(to, {
      ...{ title: "the store of Lender", objects: [inspected], nameOf },
      readers: [key, otherKey].map((each) => ({ key: each, since: at })),
    }),
  why: (to) => showWhy(to, { title: "the store of Lender", objects: [inspected], nameOf }),
  "contract check": (to) =>
    showManifest(to, {
      ...{ manifest, trial: undefined },
      sourceWarnings: [{ rule: "input-unread", where: "recordAsset", message: "takes an input that it never reads" }],
    }),
  "contract diff": (to) => showComparison(to, comparison),
  "contract cost": (to) =>
    showCost(
      to,
      {
        ...{ className: "example.loan.RecordLoan", chainId: "p8e-local-1" },
        cost: {
          publishing: { fee: 825n, messages: 9, transactions: 2 },
          execution: { newScope: 165n, existingScope: 125n, perRecord: 25n, records: 3 },
        } as unknown as Parameters<typeof showCost>[1]["cost"],
      },
      inWords,
    ),
  "contract execute": (to) => {
    const parties = [
      { address: lender, role: "OWNER" },
      { address: lender, role: "SERVICER" },
      { address: bank, role: "INVESTOR" },
    ];
    const passed = { function: "recordAsset", outcome: "PASS", record: "asset", hash };
    const skipped = { function: "recordENote", outcome: "SKIP", record: "eNote" };
    showExecuted(to, { parties, functions: [passed, skipped] }, named);
    showPrice(to, { price: inWords(165n), others: [{ address: bank, messages: 3 }] }, named);
    showRequested(to, {
      ...{ session: uuid, scope, until: new Date(at).toISOString() },
      ...{ seeWith: `npx p8e session show ${uuid} --as lender`, takeInWith: "npx p8e inbox --as lender" },
    });
    showMemorialized(to, {
      ...{ scope, session, transaction, confirmation: "state" },
      outOfGas: { transaction, price: inWords(25n) },
      checkWith: `npx p8e verify ${scope} --as lender`,
    });
  },
  inbox: (to) =>
    showInbox(to, [{ uuid, invoker: lender, contract: "example.hello.Handshake", deadlineMs: at }], 2, named),
  "session list": (to) =>
    showSessions(
      to,
      [{ uuid, state: "received", invoker: lender, deadlineMs: at }],
      [
        {
          ...{ uuid, state: "awaiting", deadlineMs: at },
          signers: [{ address: bank, stand: "asked" }] as unknown as Parameters<typeof showSessions>[2][0]["signers"],
        },
      ],
      named,
    ),
  "session show": (to) =>
    showSession(
      to,
      {
        ...{ uuid, state: "awaiting", invoker: undefined, contract: "example.hello.Handshake", scope, steps },
        ...{ deadlineMs: at, signers: [{ address: bank, stand: "asked" }] },
        participants: [
          { address: lender, role: "OWNER" },
          { address: bank, role: "SERVICER" },
        ],
      },
      named,
    ),
  "session approve": (to) => showRequest(to, request, named),
  "mail set-aside": (to) =>
    showSetAside(
      to,
      [{ atMs: at, sender: undefined, reason: "unusable", message: "mail.malformed: it is no mail of an agreement" }],
      named,
    ),
  "account show": (to) => showAccount(to, account, "Lender", "66 test coins"),
  "scope list": (to) =>
    showIndexed(to, [{ scope, records: [{ name: "asset" }, { name: "eNote" }] }], { height: 12n, max: 1000 }),
  "scope show": (to) => showScope(to, scopeView, named),
  verify: (to) =>
    showFindings(to, {
      findings: [
        { what: "contract example.loan.RecordLoan", outcome: "holds", says: "its code has the hash on the ledger" },
        { what: 'record "asset"', outcome: "broken", says: "has other content", code: "verify.failed" },
        { what: 'record "eNote"', outcome: "not_shown", says: "nobody shared it", code: "object.not_found" },
        { what: `evidence of session ${session}`, outcome: "unchecked", says: "is of other software" },
      ],
    }),
  "tx show": (to) => {
    const sent = { hash: transaction, signedAt: new Date(at), messages: ["/cosmos.bank.v1beta1.MsgSend"] };
    showTransactions(to, [{ ...sent, title: "Lender" }]);
    showReceipt(to, { hash: transaction, height: 12n, gasLimit: 1_234_567n, confirmation: "result" }, "$0.25", [
      "/cosmos.bank.v1beta1.MsgSend",
    ]);
    showPending(to, { ...sent, timeoutHeight: 20n }, 12n);
  },
  "key show": (to) =>
    showKeys(to, {
      ...{ signingKey: key, encryptionKey: otherKey, address: lender, encryptionAddress: bank },
      ...{ signingKeyHex: "0a".repeat(33), encryptionKeyHex: "0b".repeat(33), opened: false },
    }),
  "party add": (to) =>
    showCardChange(to, change, {
      ...{ fingerprint: partnerView.fingerprint, before: "11111 22222 33333 44444 55555" },
      signedAt: new Date(at),
    }),
  "party list": (to) =>
    showParties(to, { ...partner, name: "lender", title: "Lender", address: lender, fingerprint: "1 2" }, [
      partnerView,
    ]),
  "store replication list": (to) => showReplication(to, "the store of Lender", overview, nameOf),
  backup: (to) =>
    showBackup(to, {
      ...{ folder: "/srv/backups/lender", takenAt: "2026-01-31T12:00:00.000Z" },
      ...{ objects: 12_004, copied: 31, bytes: 48_234_496, kept: 11_972 },
      lacking: [{ object: hash, kind: "missing", reason: "the storage has no such object" }],
    }),
  "session show (asked by the JVM's SDK)": (to) =>
    showJvmRequest(
      to,
      jvmRequest,
      {
        ...{ contract: "io.provenance.p8e.contract.RecordLoan", scopeUuid: uuid, sessionUuid: uuid, newScope: true },
        participants: [
          { role: "OWNER", address: lender },
          { role: "SERVICER", address: bank },
        ],
        inputs: [{ name: "asset", className: "tech.figure.asset.v1beta1.AssetOuterClass$Asset", hash }],
        dataAccess: [bank],
      },
      [{ atMs: at, to: "received", actor: lender, cause: "a request of the JVM's SDK" }],
      named,
    ),
  "inbox (asked by the JVM's SDK)": (to) => showJvmRequests(to, [jvmRequest], named),
  drill: (to) =>
    showDrill(to, {
      ...{ takenAt: "2026-01-31T12:00:00.000Z", objects: 12_003, bytes: 9_663_676_416, seconds: 141.32 },
      ...{ ledger: { scopes: 310, objects: 3_720 }, why: undefined, opened: 20 },
      unreachable: ["Warehouse bank"],
      elsewhere: [{ hash: otherHash, partner: "Validator" }],
      ...{ withoutChecksum: 7, moreGaps: false },
      gaps: [
        { kind: "flipped", what: hash, why: "part 3 has another checksum than its row says" },
        { kind: "not held", what: otherHash, why: `record asset of ${scope}` },
      ],
    }),
  "an error": (to) => {
    to.warn("this node keeps no results: that it is in a block is certain, that it succeeded is not");
    to.error(failure);
  },
};

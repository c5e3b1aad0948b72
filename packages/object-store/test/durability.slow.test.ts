import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { isP8eError, P8eError } from "@p8e/core";
import * as objectStore from "@p8e/proto/object-store";
import {
  buildContainer,
  type ChunkInit,
  dataChunk,
  eventually,
  expectStatus,
  newHash,
  newParties,
  patternBytes,
  putMessages,
  SIGNATURE,
  SIGNATURE_PUBLIC_KEY,
  storedForm,
  streamHeader,
  type TestParty,
  TestStore,
} from "@p8e/testkit";
import { FaultyFileSystem } from "./support/faulty-file-system.ts";
import { LocalHarness } from "./support/harness.ts";

const faults = new FaultyFileSystem();
const harness = new LocalHarness({ fileSystem: faults });
let store: TestStore;

before(async () => {
  store = await TestStore.open(harness, { DB_CONNECTION_POOL_SIZE: "4" });
});
after(() => store?.[Symbol.asyncDispose]());

/** Files of objects, as folder/name; drafts are listed apart. */
function files(folder: string): { published: string[]; drafts: string[] } {
  const all = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = all.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  return {
    published: paths.filter((path) => /^\d{8}\//.test(path)),
    drafts: paths.filter((path) => path.startsWith(".incoming/")),
  };
}

/** All drafts are gone but those named: of an upload whose commit nobody knows the outcome of, the draft stays. */
async function withoutDrafts(but: readonly string[] = []): Promise<void> {
  await eventually(
    "drafts",
    async () => files(store.folder).drafts.filter((draft) => !but.includes(draft)),
    (drafts) => drafts.length === 0,
  );
}

interface Stored {
  readonly hash: Uint8Array;
  readonly party: TestParty;
  readonly bytes: Uint8Array;
  readonly path: string;
  readonly uuid: string;
}

async function putFile(length = 2_500_000): Promise<Stored> {
  const [party] = newParties(1);
  const hash = newHash();
  const options = { audience: [party!], payload: patternBytes(length) };
  const answer = await store.client.put(options, { hash, chunkBytes: 1_000_000 });
  const uuid = answer.uuid!.value;
  const row = await store.database.object(uuid);
  const path = row!.payload ? "" : join(store.folder, row!.directory, row!.name);
  return { hash, party: party!, bytes: storedForm(options, SIGNATURE, SIGNATURE_PUBLIC_KEY), path, uuid };
}

/** What a reader got before the end, and how it ended. */
async function read({ hash, party }: Pick<Stored, "hash" | "party">) {
  const { get } = objectStore.ObjectService.method;
  const cases: string[] = [];
  let data = 0;
  try {
    for await (const { impl } of store.client.rpc.serverStream(get, { hash, publicKey: party.raw })) {
      if (impl.case !== "chunk") continue;
      cases.push(impl.value.impl.case ?? "");
      if (impl.value.impl.case === "data") data += impl.value.impl.value.length;
    }
    return { status: "OK", data, ended: cases.at(-1) === "end" };
  } catch (error) {
    if (!isP8eError(error)) throw error;
    return { status: String(error.facts.grpcStatus), code: error.code, data, ended: cases.at(-1) === "end" };
  }
}

describe("a disk that fails during a put", () => {
  for (const [operation, errno, message] of [
    ["create", "EACCES", "the storage failed"],
    ["write", "ENOSPC", "the storage is full"],
    ["write", "EIO", "the storage failed"],
    ["sync", "EIO", "the storage failed"],
    ["link", "EIO", "the storage failed"],
    ["syncDirectory", "EIO", "the storage failed"],
  ] as const) {
    it(`fails the put when ${operation} gives ${errno}, and leaves no row and no file`, async () => {
      const objects = await store.database.objects();
      const before = files(store.folder).published;
      faults.arm(operation, { errno, torn: operation === "write" });
      const [party] = newParties(1);
      const hash = newHash();
      await expectStatus(
        store.client.put({ audience: [party!], payload: patternBytes(3_000_000) }, { hash, chunkBytes: 500_000 }),
        "INTERNAL",
        message,
      ).finally(() => faults.disarm());
      assert.equal(await store.database.objects(), objects);
      await withoutDrafts();
      assert.deepEqual(files(store.folder).published, before);
      await expectStatus(store.client.get(hash, party!), "NOT_FOUND");
    });
  }

  it("lets the next put through", async () => {
    const stored = await putFile();
    assert.deepEqual(await read(stored), { status: "OK", data: stored.bytes.length, ended: true });
  });
});

describe("an upload that is cut off", () => {
  it("leaves no row and no file when its sender gives up", async () => {
    const objects = await store.database.objects();
    const [party] = newParties(1);
    const messages = putMessages(buildContainer({ audience: [party!], payload: patternBytes(3_000_000) }), {
      hash: newHash(),
      chunkBytes: 500_000,
    });
    async function* halfWay(): AsyncGenerator<ChunkInit> {
      yield* messages.slice(0, 5);
      throw new P8eError("rpc.cancelled", "gave up");
    }
    await assert.rejects(store.client.send(halfWay()), /gave up/);
    await withoutDrafts();
    assert.equal(await store.database.objects(), objects);
  });

  it("is refused, and leaves nothing, when the container ends inside its header", async () => {
    const bytes = buildContainer({ audience: newParties(1) }).subarray(0, 60);
    await expectStatus(
      store.client.put(bytes, { hash: newHash() }),
      "INVALID_ARGUMENT",
      'DimeError(BufferSizeError("Not enough bytes in buffer to parse Dime"))',
    );
  });

  it("is refused when its sender claims a header of gigabytes", async () => {
    const bytes = buildContainer({ audience: newParties(1) });
    bytes.set([0xff, 0xff, 0xff, 0xff], 26);
    await expectStatus(store.client.put(bytes, { hash: newHash() }), "RESOURCE_EXHAUSTED");
  });
});

describe("stored bytes that change", () => {
  it("are not served: a flipped bit ends the stream with DATA_LOSS before its chunk, and without an end", async () => {
    const stored = await putFile();
    const bytes = readFileSync(stored.path);
    bytes[2_100_000]! ^= 4;
    writeFileSync(stored.path, bytes);
    assert.deepEqual(await read(stored), {
      status: "DATA_LOSS",
      code: "object.corrupt",
      data: 2_000_000,
      ended: false,
    });
  });

  it("are not served when they became fewer, not even in part", async () => {
    const stored = await putFile();
    truncateSync(stored.path, 2_000_000);
    assert.deepEqual(await read(stored), { status: "DATA_LOSS", code: "object.corrupt", data: 0, ended: false });
  });

  it("are not served from the database either", async () => {
    const stored = await putFile(100);
    await store.database.rows(
      "UPDATE object SET payload = set_byte(payload, 50, get_byte(payload, 50) # 1) WHERE uuid = $1",
      [stored.uuid],
    );
    assert.equal((await read(stored)).status, "DATA_LOSS");
  });

  it("are not delivered as mail", async () => {
    const [sender, receiver] = newParties(2);
    const metadata = { "P8EAPI::TYPE": "FRAGMENT_REQUEST" };
    const answer = await store.client.put({ audience: [sender!, receiver!], metadata }, { hash: newHash() });
    await store.database.rows(
      "UPDATE object SET payload = set_byte(payload, 50, get_byte(payload, 50) # 1) WHERE uuid = $1",
      [answer.uuid!.value],
    );
    await expectStatus(store.client.mail(receiver!), "DATA_LOSS");
  });

  it("are reported as an inner failure when their file is gone", async () => {
    const stored = await putFile();
    rmSync(stored.path);
    const outcome = await read(stored);
    assert.deepEqual([outcome.status, outcome.data], ["INTERNAL", 0]);
  });
});

describe("a repeated upload", () => {
  const again = (stored: Stored, length: number, seed = 7) =>
    store.client.put(
      { audience: [stored.party], payload: patternBytes(length, seed), uuid: crypto.randomUUID() },
      { hash: stored.hash, chunkBytes: 1_000_000, contentLength: 99n },
    );

  it("replaces a lost file, and the row follows the new bytes", async () => {
    const stored = await putFile();
    rmSync(stored.path);
    const answer = await again(stored, 2_600_000);
    assert.equal(answer.uuid?.value, stored.uuid);
    const row = await store.database.object(stored.uuid);
    assert.equal(row?.dime_length, String(readFileSync(stored.path).length));
    assert.equal(answer.metadata?.length, BigInt(row!.dime_length));
    assert.equal(row?.content_length, "99");
    const outcome = await read(stored);
    assert.deepEqual(outcome, { status: "OK", data: Number(row!.dime_length), ended: true });
    await withoutDrafts();
    assert.equal(files(store.folder).published.filter((path) => path.includes(stored.uuid)).length, 1);
  });

  it("replaces a damaged file", async () => {
    const stored = await putFile();
    truncateSync(stored.path, 17);
    await again(stored, 2_600_000);
    assert.equal((await read(stored)).status, "OK");
    const [row] = await store.database.rows<{ repair_version: number }>(
      "SELECT repair_version FROM p8e_object_integrity WHERE object_uuid = $1",
      [stored.uuid],
    );
    assert.equal(row?.repair_version, 1);
  });

  it("replaces a lost file even when it is small enough for the database itself", async () => {
    const stored = await putFile();
    rmSync(stored.path);
    await again(stored, 50);
    const outcome = await read(stored);
    assert.equal(outcome.status, "OK");
    assert.ok(outcome.data < 1000);
  });

  it("replaces damaged bytes in the database", async () => {
    const stored = await putFile(100);
    await store.database.rows("UPDATE object SET payload = substr(payload, 1, 60) WHERE uuid = $1", [stored.uuid]);
    await again(stored, 120);
    assert.equal((await read(stored)).status, "OK");
  });

  it("leaves sound bytes and their row as they are, and nothing of its own behind", async () => {
    const stored = await putFile();
    const published = files(store.folder).published;
    const answer = await again(stored, 2_600_000);
    assert.equal(answer.metadata?.length, BigInt(stored.bytes.length));
    assert.ok(readFileSync(stored.path).equals(stored.bytes));
    await withoutDrafts();
    assert.deepEqual(files(store.folder).published, published);
  });

  it("puts no stray file beside an object that is in the database", async () => {
    const stored = await putFile(100);
    const published = files(store.folder).published;
    await again(stored, 9000);
    assert.deepEqual(files(store.folder).published, published);
    assert.equal((await read(stored)).status, "OK");
  });
});

describe("what the reference server stored", () => {
  /** Takes away what only we write. */
  const asReference = (uuid: string) =>
    store.database.rows("DELETE FROM p8e_object_integrity WHERE object_uuid = $1", [uuid]);

  it("is served as it is, even when its file has another length than its row", async () => {
    const stored = await putFile();
    await asReference(stored.uuid);
    truncateSync(stored.path, 2_200_000);
    assert.deepEqual(await read(stored), { status: "OK", data: 2_200_000, ended: true });
  });

  it("is replaced by a repeated upload only when its file is missing", async () => {
    const stored = await putFile();
    await asReference(stored.uuid);
    truncateSync(stored.path, 2_200_000);
    await store.client.put({ audience: [stored.party], payload: patternBytes(9000) }, { hash: stored.hash });
    assert.equal((await read(stored)).data, 2_200_000);
    rmSync(stored.path);
    await store.client.put({ audience: [stored.party], payload: patternBytes(9000) }, { hash: stored.hash });
    assert.equal((await read(stored)).status, "OK");
  });
});

describe("a database that goes away", () => {
  const terminate = async () => {
    const superuser = await harness.superuser("postgres");
    try {
      await superuser.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND application_name LIKE 'p8e-object-store%'",
        [store.databaseSettings.name],
      );
    } finally {
      await superuser.end();
    }
  };

  it("in the middle of an upload does not hurt it: the connection is opened again", async () => {
    const [party] = newParties(1);
    const hash = newHash();
    const options = { audience: [party!], payload: patternBytes(2_000_000) };
    const messages = putMessages(buildContainer(options), { hash, chunkBytes: 500_000 });
    async function* interrupted(): AsyncGenerator<ChunkInit> {
      yield* messages.slice(0, 3);
      await terminate();
      yield* messages.slice(3);
    }
    await store.client.send(interrupted());
    assert.equal((await read({ hash, party: party! })).status, "OK");
  });

  it("under a load of puts loses none that was acknowledged, and shows none half", async () => {
    const parties = newParties(1);
    const acknowledged: Uint8Array[] = [];
    const refused: unknown[] = [];
    const put = async (index: number) => {
      const hash = newHash();
      const payload = patternBytes(index % 3 === 0 ? 20_000 : 100, index + 1);
      try {
        await store.client.put({ audience: parties, payload }, { hash, chunkBytes: 8000 });
        acknowledged.push(hash);
      } catch (error) {
        refused.push(error);
      }
    };
    for (let round = 0; round < 3; round++) {
      const puts = Array.from({ length: 40 }, (_, index) => put(index));
      await terminate();
      await Promise.all(puts);
    }
    for (const error of refused) assert.ok(isP8eError(error) && error.code === "store.unavailable", String(error));
    for (const hash of acknowledged) {
      assert.equal((await read({ hash, party: parties[0]! })).status, "OK");
    }
    const rows = await store.database.rows<{ directory: string; name: string }>(
      `SELECT directory, name FROM object o WHERE payload IS NULL
         AND EXISTS (SELECT FROM object_public_key k WHERE k.object_uuid = o.uuid AND k.public_key = $1)`,
      [parties[0]!.text],
    );
    const published = new Set(files(store.folder).published);
    assert.deepEqual(
      rows.filter(({ directory, name }) => !published.has(`${directory}/${name}`)),
      [],
    );
    assert.ok(rows.length > 0);
    assert.equal(acknowledged.length + refused.length, 120);
  });

  it("is noticed by the store's own connection, which is opened again", async () => {
    await terminate();
    // A call that catches a connection at its very end is told so; the next one finds a new connection.
    const patiently = async <T>(ask: () => Promise<T>): Promise<T> => {
      for (let triesLeft = 20; ; triesLeft--) {
        try {
          return await ask();
        } catch (error) {
          if (triesLeft === 0 || !isP8eError(error) || error.code !== "store.unavailable") throw error;
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      }
    };
    assert.equal(await patiently(() => store.client.setMaintenance(true)), true);
    assert.equal(await patiently(() => store.client.setMaintenance(false)), false);
    await patiently(() => store.client.addKey(newParties(1)[0]!));
  });

  it("and refuses a row with what no text may hold, without harming the others in its transaction", async () => {
    const [party, zero] = newParties(2);
    const bad = { raw: zero!.raw, text: "a\0b" };
    const hashes = Array.from({ length: 20 }, newHash);
    const puts = hashes.map((hash, index) =>
      store.client.put({ audience: index === 7 ? [party!, bad] : [party!] }, { hash }),
    );
    const outcomes = await Promise.allSettled(puts);
    assert.deepEqual(
      outcomes.flatMap(({ status }, index) => (status === "rejected" ? [index] : [])),
      [7],
    );
    const { reason } = outcomes[7] as PromiseRejectedResult;
    assert.ok(isP8eError(reason) && reason.code === "store.database");
    for (const [index, hash] of hashes.entries()) {
      if (index !== 7) assert.equal((await read({ hash, party: party! })).status, "OK");
    }
  });
});

describe("concurrent puts", () => {
  it("of the same object make one, and all are answered with it", async () => {
    const audience = newParties(2);
    const hash = newHash();
    const { drafts } = files(store.folder);
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        store.client.put({ audience, payload: patternBytes(index % 2 ? 30 : 9000) }, { hash, chunkBytes: 9000 }),
      ),
    );
    assert.equal(new Set(answers.map((answer: objectStore.ObjectResponse) => answer.uuid?.value)).size, 1);
    assert.equal((await read({ hash, party: audience[0]! })).status, "OK");
    await withoutDrafts(drafts);
  });

  it("of the same objects in every order do not block one another", async () => {
    const audience = newParties(1);
    const hashes = Array.from({ length: 30 }, newHash);
    const rounds = Array.from({ length: 4 }, (_, round) => (round % 2 ? hashes.toReversed() : hashes));
    const puts = rounds.flatMap((round) => round.map((hash) => store.client.put({ audience }, { hash })));
    const answers = await Promise.all(puts);
    assert.equal(new Set(answers.map((answer) => answer.uuid?.value)).size, 30);
  });
});

describe("limits", () => {
  it("refuse mail that no client could receive, whatever it claims to be", async () => {
    const metadata = { "P8EAPI::TYPE": "FRAGMENT_REQUEST" };
    const [sender, receiver] = newParties(2);
    const mail = (length: number) => ({ audience: [sender!, receiver!], metadata, payload: patternBytes(length) });
    const overhead = storedForm(mail(0), SIGNATURE, SIGNATURE_PUBLIC_KEY).length;
    const most = 4 * 1024 * 1024 - 64 - overhead;
    await expectStatus(
      store.client.put(mail(most + 1), { hash: newHash(), chunkBytes: 1_000_000 }),
      "RESOURCE_EXHAUSTED",
    );
    await store.client.put(mail(most), { hash: newHash(), chunkBytes: 1_000_000 });
    const [delivered] = await store.client.mail(receiver!);
    assert.equal(delivered?.data.length, overhead + most);
  });

  it("refuse an object above the configured size as soon as it is seen to be too large", async () => {
    await using small = await TestStore.open(harness, { P8E_STORE_MAX_OBJECT_BYTES: "100000" });
    const [party] = newParties(1);
    let sent = 0;
    const header = buildContainer({ audience: [party!], payload: new Uint8Array(0) });
    async function* endless(): AsyncGenerator<ChunkInit> {
      yield streamHeader();
      yield dataChunk(header, { contentLength: 1n });
      for (;;) {
        sent += 50_000;
        yield dataChunk(patternBytes(50_000));
      }
    }
    await expectStatus(small.client.send(endless()), "RESOURCE_EXHAUSTED");
    assert.ok(sent < 10_000_000, `took ${sent} bytes`);
    assert.deepEqual(files(small.folder).published, []);
  });

  it("refuse what would not fit into memory together, and let it through later", async () => {
    await using tight = await TestStore.open(harness, { P8E_STORE_MEMORY_BUDGET_BYTES: "6000000" });
    const [party] = newParties(1);
    const put = () =>
      tight.client.put(
        { audience: [party!], payload: patternBytes(400_000) },
        { hash: newHash(), chunkBytes: 100_000 },
      );
    const outcomes = await Promise.allSettled([put(), put(), put(), put()]);
    const refused = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
    assert.ok(refused.length < 4);
    for (const reason of refused) assert.ok(isP8eError(reason) && reason.facts.grpcStatus === "RESOURCE_EXHAUSTED");
    await put();
  });

  it("refuse more properties than make sense", async () => {
    const many = Array.from({ length: 4_097 }, (_, index) => [`p${index}`, new Uint8Array(1)] as const);
    await expectStatus(
      store.client.put({ audience: newParties(1) }, { hash: newHash(), properties: many }),
      "RESOURCE_EXHAUSTED",
    );
    const large = [["large", new Uint8Array(8_400_000)]] as const;
    await expectStatus(
      store.client.put({ audience: newParties(1) }, { hash: newHash(), properties: large }),
      "RESOURCE_EXHAUSTED",
    );
  });

  it("refuse a negative count of mail", async () => {
    await expectStatus(store.client.mail(newParties(1)[0]!, -1), "INVALID_ARGUMENT");
  });
});

import { truncate } from "node:fs/promises";
import { join } from "node:path";
import { isP8eError } from "@p8e/core";
import type * as objectStore from "@p8e/proto/object-store";
import { eventually } from "../eventually.ts";
import { ClosableWay } from "./closable-way.ts";
import { buildContainer, newHash, newParties, patternBytes, type TestParty } from "./fixtures.ts";
import { putMessages } from "./store-client.ts";
import type { StoreHarness } from "./store-under-test.ts";
import { TestStore } from "./test-store.ts";

/** A behaviour in which stores of the family differ, and that no client may rely on. */
export interface StoreDifference {
  /** What is done, or looked at. */
  readonly what: string;
  /** What comes of it: a gRPC status, or a word or two. The same each time. */
  readonly observe: (harness: StoreHarness) => Promise<string>;
}

const MAIL = { "P8EAPI::TYPE": "FRAGMENT_REQUEST" };
/** Where the length of a container's metadata section stands: behind magic bytes, version and uuid. */
const METADATA_LENGTH_AT = 26;

const pair = () => newParties(2) as unknown as readonly [TestParty, TestParty];

/** The status that a call ends with. */
async function statusOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "OK";
  } catch (error) {
    if (!isP8eError(error)) throw error;
    return error.code === "rpc.cancelled" ? "the stream is reset" : String(error.facts["grpcStatus"] ?? error.code);
  }
}

/** Looks at one store on a fresh database. */
function onOne(
  look: (store: TestStore) => Promise<string>,
  environment: Readonly<Record<string, string>> = {},
): StoreDifference["observe"] {
  return async (harness) => {
    await using store = await TestStore.open(harness, environment);
    return await look(store);
  };
}

function withMetadataLength(...bytes: readonly number[]) {
  return onOne((store) => {
    const container = buildContainer({ audience: newParties(1) });
    container.set(bytes, METADATA_LENGTH_AT);
    return statusOf(store.client.put(container, { hash: newHash() }));
  });
}

/** Every difference that is known, in the order of the page that lists them. */
export const storeDifferences: readonly StoreDifference[] = [
  {
    what: "A container with a length that leads outside it",
    observe: withMetadataLength(0, 0, 0xff, 0xff),
  },
  {
    what: "A container with a length beyond every limit",
    observe: withMetadataLength(0x7f, 0xff, 0xff, 0xff),
  },
  {
    what: "Put with 5,000 properties",
    observe: onOne((store) => {
      const properties = Array.from({ length: 5000 }, (_, index) => [`P${index}`, Uint8Array.of(1)] as const);
      return statusOf(store.client.put({ audience: newParties(1) }, { hash: newHash(), properties }));
    }),
  },
  {
    what: "Put with four properties of 3 MiB",
    observe: onOne((store) => {
      const properties = ["P", "Q", "R", "S"].map((name) => [name, new Uint8Array(3 * 1024 * 1024)] as const);
      return statusOf(store.client.put({ audience: newParties(1) }, { hash: newHash(), properties }));
    }),
  },
  {
    what: "Put with a message of more than 4 MiB",
    observe: onOne((store) => {
      const container = buildContainer({ audience: newParties(1), payload: patternBytes(5 * 1024 * 1024) });
      const messages = putMessages(container, { hash: newHash(), chunkBytes: container.length });
      return statusOf(store.client.send(messages));
    }),
  },
  {
    what: "Mail of more than 4 MiB",
    observe: onOne((store) => {
      const container = buildContainer({ audience: pair(), metadata: MAIL, payload: patternBytes(5 * 1024 * 1024) });
      return statusOf(store.client.put(container, { hash: newHash(), chunkBytes: 1024 * 1024 }));
    }),
  },
  {
    what: "Get of an object whose file was cut short",
    observe: onOne(async (store) => {
      const [owner] = pair();
      const hash = newHash();
      const put = await store.client.put({ audience: [owner], payload: patternBytes(50_000) }, { hash });
      const row = await store.database.object(put.uuid!.value);
      await truncate(join(store.folder, row!.directory, row!.name), 20_000);
      return statusOf(store.client.get(hash, owner));
    }),
  },
  {
    what: "Mail, at most -1 of it",
    observe: onOne((store) => statusOf(store.client.mail(pair()[0], -1))),
  },
  {
    what: "Get while the database is away",
    observe: async (harness) => {
      const database = await harness.createDatabase();
      await using way = await ClosableWay.open(database);
      const throughIt = { DB_HOST: way.host, DB_PORT: String(way.port) };
      await using store = await TestStore.open(harness, throughIt, { database });
      way.shut();
      return await statusOf(store.client.get(newHash(), pair()[0], { timeoutMs: 30_000 }));
    },
  },
  {
    what: "Mail acknowledged twice has the time of",
    observe: onOne(async (store) => {
      const [sender, reader] = pair();
      await store.client.put({ audience: [sender, reader], metadata: MAIL }, { hash: newHash() });
      const [mail] = await store.client.mail(reader);
      const acknowledged = async () => {
        await store.client.acknowledge(mail!.uuid!.value, reader);
        const rows = await store.database.rows<{ at: string }>(
          "SELECT acked_at::text AS at FROM mailbox_public_key WHERE public_key = $1",
          [reader.text],
        );
        return rows[0]!.at;
      };
      const first = await acknowledged();
      return (await acknowledged()) === first ? "the first" : "the last";
    }),
  },
  {
    what: "A key registered again has `updated_at` of",
    observe: onOne(async (store) => {
      const [party] = pair();
      const first = await store.client.addKey(party);
      const second = await store.client.addKey(party, { url: "http://elsewhere.example" });
      const at = ({ updatedAt }: objectStore.PublicKeyResponse) => `${updatedAt?.seconds}.${updatedAt?.nanos}`;
      return at(first) === at(second) ? "the first time" : "the last time";
    }),
  },
  {
    what: "Maintenance switched on at one of two processes holds",
    observe: async (harness) => {
      await using one = await TestStore.open(harness);
      await using other = await TestStore.open(harness, {}, { database: one.databaseSettings, folder: one.folder });
      await one.client.setMaintenance(true);
      try {
        await eventually("maintenance of the other", () => other.client.maintenance(), Boolean, { limitMs: 3000 });
        return "at both";
      } catch {
        return "at that one";
      }
    },
  },
  {
    what: "Maintenance switched on, after a restart, is",
    observe: async (harness) => {
      const first = await TestStore.open(harness);
      await first.client.setMaintenance(true);
      await first[Symbol.asyncDispose]();
      const given = { database: first.databaseSettings, folder: first.folder };
      await using second = await TestStore.open(harness, {}, given);
      return (await second.client.maintenance()) ? "on" : "off";
    },
  },
  {
    what: "A new remote key is served, with `REPLICATION_CACHE_REFRESH_MIN` 60,",
    observe: async (harness) => {
      await using target = await TestStore.open(harness);
      await using source = await TestStore.open(harness, { REPLICATION_CACHE_REFRESH_MIN: "60" });
      const [owner, reader] = pair();
      await source.client.addKey(reader, { url: target.url });
      await source.client.put({ audience: [owner, reader] }, { hash: newHash() });
      try {
        await eventually(
          "arrival",
          () => target.database.objects(),
          (count) => count === 1,
          { limitMs: 5000 },
        );
        return "at once";
      } catch {
        return "later";
      }
    },
  },
];

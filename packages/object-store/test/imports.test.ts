import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const source = fileURLToPath(new URL("../src/", import.meta.url));
/** What speaks to buckets; loaded when a store lies in one. */
const sdks = ["@aws-sdk/client-s3", "google-auth-library"];
const allowed = new Set(["@p8e/core", "@p8e/proto", "@p8e/rpc", "@p8e/envelope", "@bufbuild/protobuf", "pg", ...sdks]);

function imports(): { file: string; module: string }[] {
  const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  return files.flatMap((file) =>
    [...readFileSync(join(source, file), "utf8").matchAll(/(?:from|import\()\s*"([^"]+)"/g)].map(([, module]) => ({
      file,
      module: module!,
    })),
  );
}

/** What each folder may import of the others; the files beside the folders are open to all but `domain`. */
const layers: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  storage: ["domain"],
  postgres: ["domain"],
  mailbox: ["domain", "postgres"],
  put: ["domain", "postgres", "storage"],
  replication: ["domain", "postgres", "storage"],
  watching: ["domain", "postgres"],
  scrub: ["domain", "postgres", "storage"],
  inspection: ["domain", "postgres", "storage"],
  move: ["domain", "postgres", "storage"],
  backup: ["domain", "postgres", "storage", "scrub", "move", "inspection"],
  grpc: ["domain", "postgres", "storage", "mailbox", "put", "replication", "scrub"],
};

/** A door of the package, as those beside the folders are. */
const DOOR = "inspection/index.ts";
const folderOf = (file: string) => (file.includes("/") && file !== DOOR ? file.split("/")[0]! : "");

describe("the object store's imports", () => {
  it("follow the folders: storage and postgres do not know each other, nor anything gRPC", () => {
    const found = new Set(imports().map(({ file }) => folderOf(file)));
    assert.deepEqual([...found].filter((folder) => folder !== "").sort(), Object.keys(layers).sort());
    const wrong = imports().filter(({ file, module }) => {
      const from = folderOf(file);
      if (from === "" || !module.startsWith(".")) return false;
      const to = folderOf(join(dirname(file), module));
      if (to === "") return from === "domain";
      return to !== from && !layers[from]!.includes(to);
    });
    assert.deepEqual(wrong, []);
  });

  it("go in no circle, those of types included", () => {
    const known = new Map<string, string[]>();
    for (const { file, module } of imports()) {
      if (module.startsWith(".")) known.set(file, [...(known.get(file) ?? []), join(dirname(file), module)]);
    }
    const done = new Set<string>();
    const visit = (file: string, path: readonly string[]): void => {
      assert.ok(!path.includes(file), `circle: ${[...path.slice(path.indexOf(file)), file].join(" -> ")}`);
      if (done.has(file)) return;
      for (const next of known.get(file) ?? []) visit(next, [...path, file]);
      done.add(file);
    };
    for (const file of known.keys()) visit(file, []);
  });

  const usersOf = (wanted: RegExp) => [
    ...new Set(imports().flatMap(({ file, module }) => (wanted.test(module) ? [file] : []))),
  ];

  it("leave gRPC to one folder, and files to one", () => {
    assert.deepEqual(
      usersOf(/^@p8e\/rpc$/).filter((file) => !file.startsWith("grpc/")),
      ["open-object-store.ts"],
    );
    assert.deepEqual(usersOf(/^node:fs/).sort(), [
      "backup/backup-folder.ts",
      "postgres/schema/migrate.ts",
      "postgres/tls.ts",
      "storage/files/file-system.ts",
      "watching/access-log.ts",
    ]);
  });

  it("load what speaks to buckets only for a store that lies in one", () => {
    const reached = new Set<string>();
    const visit = (file: string): void => {
      if (reached.has(file)) return;
      reached.add(file);
      const text = readFileSync(join(source, file), "utf8");
      for (const [, module] of text.matchAll(/^(?:import|export|\})(?! type).*from "(\.[^"]+)";/gm)) {
        visit(join(dirname(file), module!));
      }
    };
    visit("index.ts");
    assert.ok(reached.has("storage/open-storage.ts") && reached.size > 50);
    const users = usersOf(new RegExp(`^(${sdks.join("|")})$`));
    assert.deepEqual(users.sort(), [
      "storage/gcs/gcs-requests.ts",
      "storage/s3/s3-bucket.ts",
      "storage/s3/s3-multipart.ts",
    ]);
    assert.deepEqual(
      users.filter((file) => reached.has(file)),
      [],
    );
  });

  it("name time and chance in two places, which others get as arguments", () => {
    const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
    const own = files.filter((file) =>
      /Date\.now|new Date\(\)|performance\.now|Math\.random|randomUUID|randomBytes\(|setInterval/.test(
        readFileSync(join(source, file), "utf8"),
      ),
    );
    assert.deepEqual(own.sort(), ["random.ts", "store-clock.ts"]);
  });

  it("name nothing that can decrypt: only core, proto, rpc, the container's format, the database driver, and what speaks to buckets", () => {
    const strangers = imports().filter(({ module }) => {
      if (module.startsWith(".") || module.startsWith("node:")) return false;
      return !allowed.has(
        module
          .split("/")
          .slice(0, module.startsWith("@") ? 2 : 1)
          .join("/"),
      );
    });
    assert.deepEqual(strangers, []);
  });

  it("keep the rules free of input and output", () => {
    const inDomain = imports().filter(({ file }) => file.startsWith("domain/"));
    assert.ok(inDomain.length > 10);
    const outside = inDomain.filter(
      ({ module }) => !(module.startsWith("./") || module.startsWith("@p8e/") || module === "node:crypto"),
    );
    assert.deepEqual(outside, []);
  });

  it("use ciphers nowhere", () => {
    const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
    const ciphers = files.filter((file) =>
      /createDecipheriv|createCipheriv|createECDH|diffieHellman|privateDecrypt|subtle\b/.test(
        readFileSync(join(source, file), "utf8"),
      ),
    );
    assert.deepEqual(ciphers, []);
  });
});

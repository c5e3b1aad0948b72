import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const source = fileURLToPath(new URL("../src/", import.meta.url));
const allowed = new Set(["@p8e/core", "@p8e/proto", "@p8e/rpc", "@p8e/envelope", "@bufbuild/protobuf", "pg"]);

function imports(): { file: string; module: string }[] {
  const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  return files.flatMap((file) =>
    [...readFileSync(join(source, file), "utf8").matchAll(/(?:from|import\()\s*"([^"]+)"/g)].map(([, module]) => ({
      file,
      module: module!,
    })),
  );
}

describe("the object store's imports", () => {
  it("name nothing that can decrypt: only core, proto, rpc, the container's format, and the database driver", () => {
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

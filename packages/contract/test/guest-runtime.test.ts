// What contracts are built with ships as one file, so that a bundle is the same however p8e was installed.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, describe, it } from "node:test";
import { buildContract } from "@p8e/contract";
import { openSandbox } from "@p8e/engine";
import { guestRuntimeFile, guestRuntimeText } from "../../../scripts/guest-runtime.ts";

const root = dirname(dirname(dirname(import.meta.dirname)));

/**
 * A contract is known by the hash of its bundle. Where one of these changes, every contract gets a new identity with this
 * version and is published anew; CHANGELOG.md must say so in these words: "contracts get a new identity".
 */
const known = {
  "hello/src/contract.ts": "LInBbG5x8IHOtcM45JWIEExBH4LJhk5AOt9p49/JpAo=",
  "loan/src/contracts/record-loan.ts": "b6/A6R3wa9Umn8mNAvBDLHlDtFtAa9EAffPyA+ymSE0=",
};

describe("what contracts are built with", () => {
  const sandbox = openSandbox();
  after(() => sandbox[Symbol.asyncDispose]());

  it("is what the sources and the installed library give (npm run generate)", async () => {
    // Not compared by equal, which would print a third of a megabyte.
    assert.ok(readFileSync(join(root, guestRuntimeFile), "utf8") === (await guestRuntimeText()), "it is out of date");
  });

  for (const [file, hash] of Object.entries(known)) {
    it(`gives examples/${file} the hash that it has had`, async () => {
      const describeBundle = (bundle: Uint8Array) => sandbox.describe(bundle);
      const built = await buildContract({ entry: join(root, "examples", file), describe: describeBundle });
      assert.equal(built.manifest.bundle.hash, hash);
    });
  }
});

import assert from "node:assert/strict";
import { it } from "node:test";
import { siblingModule } from "@p8e/core";

it("a sibling module has the extension of the module that asks for it", () => {
  assert.equal(siblingModule("file:///a.b/src/one.ts", "./thread").href, "file:///a.b/src/thread.ts");
  assert.equal(siblingModule("file:///a.b/dist/one.js?x", "./parts/thread").href, "file:///a.b/dist/parts/thread.js");
});

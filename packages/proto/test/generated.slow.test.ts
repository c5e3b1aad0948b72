import assert from "node:assert/strict";
import { test } from "node:test";
import { differences } from "../../../scripts/generate.ts";

test("the generated types are what the .proto files give", () => {
  assert.deepEqual(differences("packages/proto"), []);
});

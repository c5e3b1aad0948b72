// The reference under docs/api is what the code says. When it is not: npm run generate -- docs/api
import assert from "node:assert/strict";
import { it } from "node:test";
import { apiPages, staleApiPages } from "../scripts/api-pages.ts";

it("the reference is made of the code as it is, and everything that a published package exports says what it is", () => {
  const made = apiPages();
  assert.deepEqual(made.undocumented, []);
  assert.deepEqual(staleApiPages(made), [], "run: npm run generate -- docs/api");
});

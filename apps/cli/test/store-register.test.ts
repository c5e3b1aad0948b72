import assert from "node:assert/strict";
import { it } from "node:test";
import { CommandLine } from "./support/p8e.ts";

const KEY = "BHhDqxYYRmVbduBeVuKKELggXQ/bbXw2MfjYyvg1wpaSNFKk7Z9i7b2lcGl+Y82W6KrNeDOU/t9iZh6VzE999RA=";

it("store register refuses what is no key or no URL, before it asks a store", async () => {
  await using p8e = new CommandLine();
  const nowhere = "grpc://127.0.0.1:1";
  assert.equal((await p8e.refused(2, ["store", "register", nowhere])).code, "input.invalid");
  assert.equal((await p8e.refused(2, ["store", "register", nowhere, "--partner", KEY])).code, "input.invalid");
  assert.equal((await p8e.refused(2, ["store", "register", nowhere, "--key", "AAAA"])).code, "key.invalid");
});

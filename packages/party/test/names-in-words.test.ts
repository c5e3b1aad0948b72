import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isP8eError, networks, P8eError } from "@p8e/core";
import { accountAddress, publicKeyFromBase64 } from "@p8e/crypto";
import { tellParties, withPartyTitles } from "../src/names-in-words.ts";
import type { Profile } from "../src/profile/profile.ts";

/** Two of the development parties. */
const [lender, bank] = [
  ["Lender", "BHhDqxYYRmVbduBeVuKKELggXQ/bbXw2MfjYyvg1wpaSNFKk7Z9i7b2lcGl+Y82W6KrNeDOU/t9iZh6VzE999RA="],
  ["Warehouse bank", "BF3okuBrFPDPpbN/QVzk7qVkLPT7vpdWXNTYp4zhXuMOSVf3jNKghLffZ/SYh/4ZMF2zSFgGzOyHc075xtBY8bA="],
].map(([title, key]) => ({
  ...{ title, signingKey: key!, encryptionKey: key! },
  address: accountAddress(publicKeyFromBase64(key!), networks.local.accountPrefix),
}));
const profile = {
  ...{ party: lender, network: networks.local, node: { url: "grpc://127.0.0.1:2" }, store: {} },
  partners: [{ ...bank, toRegister: false }],
} as unknown as Profile;
const stranger = "tp1w2y5qk7d0xgvm3k2ymz0fs6r9gn4ej8ch5zrq7";

describe("parties in sentences", () => {
  it("are called by their titles, and whoever is not known by the account", () => {
    assert.equal(
      withPartyTitles(profile, `it lacks the signature of ${lender!.address}, ${bank!.address} and ${stranger}.`),
      `it lacks the signature of ${lender!.title}, ${bank!.title} and ${stranger}.`,
    );
    const scope = "scope1qzpl6dyhrvw5wcpjrytgvwv2mvzqz3dyeu";
    assert.equal(withPartyTitles(profile, `${scope} is there`), `${scope} is there`);
  });

  it("are so in an error's message; its facts and code stay as they were", () => {
    const error = new P8eError("ledger.transaction_refused", `${bank!.address} has never signed`, {
      facts: { missingAddresses: [bank!.address] },
    });
    const told = tellParties(error, profile);
    assert.ok(isP8eError(told));
    assert.deepEqual([told.code, told.message], [error.code, `${bank!.title} has never signed`]);
    assert.deepEqual(told.facts, error.facts);
    const other = new P8eError("input.invalid", "nobody is named");
    assert.equal(tellParties(other, profile), other);
  });
});

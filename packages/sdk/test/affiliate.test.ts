import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type AccountAddress, networks } from "@p8e/core";
import { accountAddress, localKey, parsePrivateKey } from "@p8e/crypto";
import { type Affiliate, affiliateDirectory, requireAffiliate, requireAffiliates } from "@p8e/sdk";

const prefix = networks.local.accountPrefix;
const [ada, bea, cleo] = [1, 2, 3].map((n) => {
  const { publicKey } = localKey(parsePrivateKey(new Uint8Array(32).fill(n)));
  return { affiliate: { signingKey: publicKey, encryptionKey: publicKey }, address: accountAddress(publicKey, prefix) };
}) as [Known, Known, Known];

interface Known {
  readonly affiliate: Affiliate;
  readonly address: AccountAddress;
}

describe("the keys of a scope's parties", () => {
  const directory = affiliateDirectory([ada.affiliate], prefix);

  it("are found in the order they were asked for", async () => {
    const all = affiliateDirectory([ada.affiliate, bea.affiliate], prefix);
    assert.deepEqual(await requireAffiliates(all, [bea.address, ada.address]), [bea.affiliate, ada.affiliate]);
  });

  it("that are missing are all named at once, each once", async () => {
    await assert.rejects(requireAffiliates(directory, [bea.address, ada.address, cleo.address, bea.address]), {
      code: "key.unavailable",
      message: "no keys are known for 2 parties of this scope",
      facts: { missing: [bea.address, cleo.address] },
    });
  });

  it("are one party's fault when one is missing", async () => {
    await assert.rejects(requireAffiliate(directory, bea.address), {
      code: "key.unavailable",
      message: "no keys are known for a party of this scope",
      facts: { address: bea.address },
    });
  });
});

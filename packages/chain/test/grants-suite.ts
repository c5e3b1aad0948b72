import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import {
  contractSpecificationAddress,
  type P8eError,
  scopeAddress,
  scopeSpecificationAddress,
  sessionAddress,
} from "@p8e/core";
import {
  addContractSpecificationToScopeSpecification,
  countGrant,
  grantAuthorization,
  type LedgerMessage,
  type LedgerSigner,
  metadataMessageType,
  revokeGrant,
  writeContractSpecification,
  writeScope,
  writeScopeSpecification,
  writeSession,
} from "../src/index.ts";
import { uuid, type World } from "./world.ts";

const messageTypeUrl = metadataMessageType("WriteSession");

/** Grants as parties of a session give them: what a ledger takes, tells, uses up and takes back. */
export function grantsSuite(ledger: string, open: () => Promise<World>): void {
  describe(`grants on ${ledger}`, () => {
    let world: World;
    let granter: LedgerSigner;
    let grantee: LedgerSigner;
    before(async () => {
      world = await open();
    });
    after(() => world[Symbol.asyncDispose]());

    const between = async () => {
      [granter, grantee] = (await world.actors(2)) as [LedgerSigner, LedgerSigner];
      const pair = { granter: granter.address, grantee: grantee.address, messageTypeUrl };
      const expiresAtMs = (await world.chain.newestBlock()).timeMs + 3_600_000;
      return { pair, expiresAtMs: Math.floor(expiresAtMs / 1000) * 1000 };
    };
    const held = () => world.chain.accounts.grants(granter.address, grantee.address);

    it("are priced, given, read with what is left, replaced and taken back", async () => {
      const { pair, expiresAtMs } = await between();
      const { chain } = world;
      assert.deepEqual(await held(), []);
      assert.deepEqual(await chain.accounts.grants(pair.granter, pair.grantee, { messageTypeUrl }), []);

      const three = countGrant({ ...pair, count: 3, expiresAtMs });
      const price = await chain.estimate([three], [granter]);
      // The estimated gas carries it, so it is signed once.
      const receipt = await chain.submit([three], { signer: granter });
      assert.deepEqual([receipt.fee, receipt.outOfGas], [price.fee, undefined]);
      assert.deepEqual(await held(), [{ messageTypeUrl, uses: 3, expiresAtMs }]);
      assert.deepEqual(await chain.accounts.grants(pair.granter, pair.grantee, { messageTypeUrl }), await held());
      assert.deepEqual(await chain.accounts.grants(pair.grantee, pair.granter), []);

      await chain.submit([countGrant({ ...pair, count: 5, expiresAtMs: expiresAtMs + 1000 })], { signer: granter });
      assert.deepEqual(await held(), [{ messageTypeUrl, uses: 5, expiresAtMs: expiresAtMs + 1000 }]);

      const records = metadataMessageType("WriteRecord");
      await chain.submit([grantAuthorization({ ...pair, messageTypeUrl: records, expiresAtMs })], { signer: granter });
      assert.equal((await held()).length, 2);
      await chain.submit([revokeGrant(pair)], { signer: granter });
      assert.deepEqual(await held(), [{ messageTypeUrl: records, uses: undefined, expiresAtMs }]);
    });

    it("are refused when they are over, for oneself, or to be taken back and not there", async () => {
      const { pair, expiresAtMs } = await between();
      const refusals: [LedgerMessage, RegExp][] = [
        [countGrant({ ...pair, count: 1, expiresAtMs: expiresAtMs - 7_200_000 }), /expiration time of authorization/],
        [
          countGrant({ ...pair, grantee: pair.granter, count: 1, expiresAtMs }),
          /grantee and granter should be different/,
        ],
        // A node puts the grant's key, raw, before the reason; where a byte of it ends a line, the reason is cut off.
        [revokeGrant(pair), /authorization not found|failed to delete grant/],
      ];
      for (const [message, words] of refusals) {
        await assert.rejects(world.chain.submit([message], { signer: granter }), (error: P8eError) => {
          assert.equal(error.code, "ledger.transaction_refused");
          assert.match(String(error.facts["log"]), words);
          return true;
        });
      }
      for (const count of [0, -1, 1.5, 2 ** 31]) {
        assert.throws(() => countGrant({ ...pair, count, expiresAtMs }), { code: "input.invalid" });
      }
    });

    it("stand in for a signature as often as they say, and then no more", async () => {
      const { pair, expiresAtMs } = await between();
      const { chain } = world;
      const signers = [grantee.address];
      const [scopeUuid, scopeSpecification, contractSpecification] = [
        uuid(),
        scopeSpecificationAddress(uuid()),
        contractSpecificationAddress(uuid()),
      ];
      const owners = [
        { address: granter.address, role: "OWNER" as const },
        { address: grantee.address, role: "ORIGINATOR" as const },
      ];
      const session = () =>
        writeSession({
          session: sessionAddress(scopeUuid, uuid()),
          contractSpecification,
          parties: owners,
          name: "io.p8e.LoanContract",
          signers,
        });
      await chain.submit(
        [
          writeScopeSpecification({
            specification: scopeSpecification,
            owners: signers,
            partiesInvolved: ["OWNER"],
            signers,
          }),
          writeContractSpecification({
            specification: contractSpecification,
            owners: signers,
            partiesInvolved: ["OWNER"],
            source: { hash: "YnVuZGxl" },
            className: "io.p8e.LoanContract",
            signers,
          }),
          addContractSpecificationToScopeSpecification({ contractSpecification, scopeSpecification, signers }),
          writeScope({ scope: scopeAddress(scopeUuid), specification: scopeSpecification, owners, signers }),
        ],
        { signer: grantee },
      );
      const refused = async () => {
        await assert.rejects(chain.submit([session()], { signer: grantee }), (error: P8eError) => {
          assert.equal(error.facts["kind"], "MissingSignature", error.message);
          assert.deepEqual(error.facts["missingAddresses"], [granter.address]);
          return true;
        });
      };
      await refused();
      await chain.submit([countGrant({ ...pair, count: 3, expiresAtMs })], { signer: granter });
      await chain.submit([session()], { signer: grantee });
      assert.deepEqual(await held(), [{ messageTypeUrl, uses: 2, expiresAtMs }]);
      await chain.submit([session(), session()], { signer: grantee });
      assert.deepEqual(await held(), []);
      await refused();
    });
  });
}

// Writes a folder of this version's rules for journal-version.test.ts: node packages/ledger/test/make-fixture.ts FOLDER
import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { packAny } from "@p8e/proto/any";
import * as cosmos from "@p8e/proto/cosmos";
import { packed } from "@p8e/testkit";
import { TestNetwork } from "./network.ts";

const [folder = ""] = process.argv.slice(2);
await using network = await TestNetwork.open();
const [alice, bob] = [await network.warm("alice"), await network.warm("bob")];
const send = network.send(alice, bob, 1n);
const inAnHour = timestampFromMs(network.clock.now() + 3_600_000);
const generic = packAny(
  cosmos.authz.GenericAuthorizationSchema,
  create(cosmos.authz.GenericAuthorizationSchema, { msg: send.typeUrl }),
);
await network.run([alice], [send]);
await network.run(
  [alice],
  [
    packed(cosmos.authz.MsgGrantSchema, {
      granter: alice.address,
      grantee: bob.address,
      grant: { authorization: generic, expiration: inAnHour },
    }),
  ],
);
const exec = packed(cosmos.authz.MsgExecSchema, { grantee: bob.address, msgs: [send] });
console.log("exec", (await network.run([bob], [exec])).code);
const twice = packAny(
  cosmos.authz.CountAuthorizationSchema,
  create(cosmos.authz.CountAuthorizationSchema, { msg: send.typeUrl, allowedAuthorizations: 2 }),
);
const counted = packed(cosmos.authz.MsgGrantSchema, {
  granter: bob.address,
  grantee: alice.address,
  grant: { authorization: twice },
});
console.log("count grant", (await network.run([bob], [counted])).code);
const back = packed(cosmos.authz.MsgExecSchema, { grantee: alice.address, msgs: [network.send(bob, alice, 1n)] });
console.log("exec with uses left", (await network.run([alice], [back])).code);
const sixteen = packed(cosmos.bank.MsgSendSchema, {
  fromAddress: alice.address.toUpperCase(),
  toAddress: bob.address,
  amount: [{ denom: "nhash", amount: "0x10" }],
});
console.log("an amount as Go writes it", (await network.run([alice], [sixteen])).code);
network.clock.wait(7_200_000);
console.log("exec after expiry", (await network.run([bob], [exec])).code);
const revoke = packed(cosmos.authz.MsgRevokeSchema, {
  granter: alice.address,
  grantee: bob.address,
  msgTypeUrl: send.typeUrl,
});
console.log("revoke after expiry", (await network.run([alice], [revoke])).code);
console.log("state", network.ledger.stateHash(), "height", network.ledger.height);
await network.ledger[Symbol.asyncDispose]();
await mkdir(folder, { recursive: true });
for (const file of ["journal", "checkpoint"]) await copyFile(join(network.folder, file), join(folder, file));

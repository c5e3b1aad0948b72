import { copyFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { concatBytes, networks, parseUuid, randomUuid, utf8Encode } from "@p8e/core";
import { accountAddress, sealBytes } from "@p8e/crypto";
import { openSandbox } from "@p8e/engine";
import { parseContainer, rewriteSignatures } from "@p8e/envelope";
import { claimedSender } from "@p8e/object-client";
import * as wire from "@p8e/proto/agreement";
import { affiliateDirectory, affiliateOf, type LocalParty, openSqliteStateStore, type PartyParts } from "@p8e/sdk";
import { encodeWords, requestHash, signWords } from "../../packages/sdk/src/agreement/agreement-mail.ts";
import { agreementMailHandler } from "../../packages/sdk/src/agreement/agreement-mail-handler.ts";
import { encodeEvidence } from "../../packages/sdk/src/session/evidence.ts";
import type { Door } from "../door.ts";
import { messageBytes } from "../grammar.ts";
import { Random } from "../random.ts";
import { EXECUTION, replyTo, requestOf, SCOPE, SESSION, signedSession } from "../signed-session.ts";

const BYTES_MAX = 1024 * 1024;
const { accountPrefix, chainId } = networks.local;
/** In one process, so that one input gives one mail. */
const chance = new Random(1);
const random = (length: number) => chance.bytes(length);

/** Who takes a mail in. */
interface Recipient extends AsyncDisposable {
  readonly self: LocalParty;
  receive(container: Uint8Array): Promise<void>;
}

/**
 * Mail of sessions that several parties sign: at a party that is asked, at one that was asked, at one that has asked. The
 * first byte of an input chooses, and whether the rest is a whole container or what a partner has sealed and signed.
 */
export async function openDoor(): Promise<Door> {
  const folder = await mkdtemp(join(tmpdir(), "p8e-fuzz-mail-"));
  const sandbox = openSandbox();
  const session = await signedSession(sandbox, ["OWNER", "SERVICER"]);
  await sandbox[Symbol.asyncDispose]();
  const { lender, bank, envelopes } = session;
  const directory = affiliateDirectory([affiliateOf(lender), affiliateOf(bank)], accountPrefix);
  const request = requestOf(session);
  const about = { chainId, executionUuid: EXECUTION, requestHash: requestHash(request), reason: "no" };
  const asks = encodeWords({ case: "request", value: request });
  const words = {
    asks,
    signs: encodeWords({ case: "reply", value: replyTo(request, session) }),
    refuses: encodeWords({ case: "refusal", value: create(wire.AgreementRefusalSchema, about) }),
    ends: encodeWords({ case: "end", value: create(wire.AgreementEndSchema, { ...about, outcome: 1 }) }),
  };

  const recipient = async (name: string, self: LocalParty, begin: (parts: PartyParts) => Promise<void>) => {
    const origin = { party: accountAddress(self.signing.publicKey, accountPrefix), network: chainId };
    const [template, path] = [join(folder, `${name}-before.sqlite`), join(folder, `${name}.sqlite`)];
    const open = (file: string) => {
      const state = openSqliteStateStore(file, { origin, random, nowMs: Date.now });
      const parts = { party: self, network: networks.local, state, directory, random, nowMs: Date.now };
      // Without ledger, store and sandbox: nobody asks them while mail is taken in.
      return parts as PartyParts;
    };
    const before = open(template);
    await begin(before);
    await before.state[Symbol.asyncDispose]();
    copyFileSync(template, path);
    let parts = open(path);
    const at: Recipient = {
      self,
      async receive(container) {
        const mail = { uuid: randomUuid(random), container };
        const handler = agreementMailHandler(parts);
        const sender = claimedSender(mail);
        await handler.mayWrite(accountAddress(sender, accountPrefix));
        await handler.threadOf(mail);
        await handler.receive(mail, {});
        // As it was, so that the next is not one that comes again.
        await parts.state[Symbol.asyncDispose]();
        copyFileSync(template, path);
        parts = open(path);
      },
      [Symbol.asyncDispose]: () => parts.state[Symbol.asyncDispose](),
    };
    return at;
  };
  const recipients = [
    await recipient("asked-now", bank, async () => undefined),
    await recipient("asked-before", bank, async (parts) => {
      await agreementMailHandler(parts).receive(await mailTo(bank, lender, asks), {});
    }),
    await recipient("has-asked", lender, async ({ state }) => {
      const execution = { uuid: EXECUTION, scopeUuid: SCOPE.uuid, sessionUuid: SESSION, contract: "x.Echo" };
      await state.create({ ...execution, envelope: encodeEvidence(envelopes[0]!), price: [] });
      const address = accountAddress(bank.signing.publicKey, accountPrefix);
      const signers = [{ address, ...affiliateOf(bank), stand: "asked" as const }];
      const deadlineMs = Date.now() + 1_000_000_000;
      const asked = await signWords(asks, lender.signing);
      await state.agreements.commit({ begin: { uuid: EXECUTION, deadlineMs, request: asked, signers } });
    }),
  ];
  const other = (self: LocalParty) => (self === bank ? lender : bank);
  const contents: readonly (readonly [recipient: number, content: Uint8Array])[] = [
    [0, words.asks],
    [1, words.refuses],
    [1, words.ends],
    [2, words.signs],
    [2, words.refuses],
  ];
  for (const [index, content] of contents) {
    const { self, receive } = recipients[index]!;
    await receive((await mailTo(self, other(self), content)).container);
  }
  const whole = (await mailTo(bank, lender, words.asks)).container;
  return {
    seeds: [
      ...contents.map(([index, content]) => concatBytes(Uint8Array.of(index), content)),
      concatBytes(Uint8Array.of(WHOLE), whole),
    ],
    bytesMax: BYTES_MAX,
    generate(by) {
      const [index, content] = by.pick(contents);
      const more = messageBytes(by, wire.AgreementMailSchema, { bytesMax: BYTES_MAX / 4 });
      return concatBytes(Uint8Array.of(index), by.oneIn(2) ? more : concatBytes(content, more));
    },
    async run(input) {
      const [kind = 0] = input;
      const to = recipients[(kind & ~WHOLE) % recipients.length]!;
      const rest = input.subarray(1);
      await to.receive((kind & WHOLE) === 0 ? (await mailTo(to.self, other(to.self), rest)).container : rest);
    },
    async [Symbol.asyncDispose]() {
      for (const each of recipients) await each[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Of an input's first byte: a container follows, and not what is in one. */
const WHOLE = 128;

/** A mail as it comes out of a store. */
async function mailTo(to: LocalParty, from: LocalParty, content: Uint8Array) {
  const sealed = await sealBytes({
    ...{ source: content, owner: from.encryption.publicKey, audience: [to.encryption.publicKey], signer: from.signing },
    ...{ mailType: "FRAGMENT_REQUEST" },
  });
  const { header, payload, seal } = sealed;
  const entry = { signature: seal.signature, publicKey: utf8Encode(seal.signer.pem) };
  return {
    uuid: parseUuid("00000000-0000-4000-8000-000000000009"),
    container: concatBytes(rewriteSignatures(parseContainer(header).header, entry), payload),
  };
}

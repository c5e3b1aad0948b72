import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  concatBytes,
  hexDecode,
  hexEncode,
  networks,
  parseAccountAddress,
  sha256,
  transactionHash,
  utf8Encode,
} from "@p8e/core";
import { localKey, parsePrivateKey, privateKeyFromMnemonic, verifyTransactionSignature } from "@p8e/crypto";
import { sendCoins } from "../src/messages/account-messages.ts";
import { ledgerSigner } from "../src/transactions/signer.ts";
import {
  readTransaction,
  signDocument,
  signTransaction,
  unsignedBytes,
  unsignedTransaction,
} from "../src/transactions/transaction.ts";

/** Protocol Buffers by hand, so that the expected bytes do not come from the encoder under test. */
const varint = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)]);
const field = (number: number, value: Uint8Array | string) => {
  const bytes = typeof value === "string" ? utf8Encode(value) : value;
  return concatBytes(Uint8Array.from([...varint((number << 3) | 2), ...varint(bytes.length)]), bytes);
};
const number = (field: number, value: number) => Uint8Array.from([...varint(field << 3), ...varint(value)]);

const from = parseAccountAddress("tp1hslffrztjp399d86a25fh2khg0c6je3achzhyj");
const to = parseAccountAddress("tp196g09ugqd0rhkqgu4cnd97e65akeq9dmhttc25");
const key = localKey(parsePrivateKey(hexDecode("01".repeat(32))));
const signer = { ...ledgerSigner(key, networks.local.accountPrefix), address: from };
const message = sendCoins({ from, to, amounts: [{ denomination: "nhash", amount: 1_000_000_000n }] });
const content = {
  messages: [message],
  signers: [{ publicKey: signer.publicKey, sequence: 7n }],
  amounts: [{ denomination: "nhash", amount: 2_000_000_000n }],
  gasLimit: 130_000n,
  memo: "hello",
  timeoutHeight: 300n,
};

const bodyBytes = concatBytes(
  field(
    1,
    concatBytes(
      field(1, "/cosmos.bank.v1beta1.MsgSend"),
      field(
        2,
        concatBytes(field(1, from), field(2, to), field(3, concatBytes(field(1, "nhash"), field(2, "1000000000")))),
      ),
    ),
  ),
  field(2, "hello"),
  number(3, 300),
);
const signerInfo = field(
  1,
  concatBytes(
    field(1, concatBytes(field(1, "/cosmos.crypto.secp256k1.PubKey"), field(2, field(1, signer.publicKey)))),
    field(2, field(1, number(1, 1))),
    number(3, 7),
  ),
);
const fee = concatBytes(field(1, concatBytes(field(1, "nhash"), field(2, "2000000000"))), number(2, 130_000));
const authInfoBytes = concatBytes(signerInfo, field(2, fee));

describe("a transaction's bytes", () => {
  it("are those of the format, field by field", () => {
    const unsigned = unsignedTransaction(content);
    assert.equal(hexEncode(unsigned.bodyBytes), hexEncode(bodyBytes));
    assert.equal(hexEncode(unsigned.authInfoBytes), hexEncode(authInfoBytes));
  });

  it("are signed together with chain id and account number", () => {
    const document = signDocument(unsignedTransaction(content), "chain-local", 3n);
    const expected = concatBytes(field(1, bodyBytes), field(2, authInfoBytes), field(3, "chain-local"), number(4, 3));
    assert.equal(hexEncode(document), hexEncode(expected));
  });

  it("end with signatures of 64 bytes that verify over the sign document", async () => {
    const unsigned = unsignedTransaction(content);
    const bytes = await signTransaction(unsigned, "chain-local", [{ signer, accountNumber: 3n }]);
    const prefix = concatBytes(field(1, bodyBytes), field(2, authInfoBytes), Uint8Array.of(0x1a, 64));
    assert.equal(hexEncode(bytes.subarray(0, prefix.length)), hexEncode(prefix));
    const signature = bytes.subarray(prefix.length);
    const document = signDocument(unsigned, "chain-local", 3n);
    assert.ok(verifyTransactionSignature(key.publicKey, document, signature));
    assert.ok(!verifyTransactionSignature(key.publicKey, signDocument(unsigned, "chain-local", 4n), signature));
  });

  it("are named by the upper-case hex of their SHA-256", () => {
    const bytes = utf8Encode("any");
    assert.equal(transactionHash(bytes), hexEncode(sha256(bytes)).toUpperCase());
  });

  it("carry an empty signature for each signer and a fee, even an empty one, when they only ask for the cost", () => {
    const bytes = unsignedBytes({ ...content, amounts: [], gasLimit: 0n });
    const askingAuthInfo = concatBytes(signerInfo, field(2, ""));
    assert.equal(hexEncode(bytes), hexEncode(concatBytes(field(1, bodyBytes), field(2, askingAuthInfo), field(3, ""))));
  });

  it("tell what they hold when they are read back", async () => {
    const bytes = await signTransaction(unsignedTransaction(content), "chain-local", [{ signer, accountNumber: 3n }]);
    assert.deepEqual(readTransaction(bytes), {
      hash: transactionHash(bytes),
      messages: [message],
      signers: [{ address: from, sequence: 7n }],
      amounts: content.amounts,
      gasLimit: 130_000n,
      timeoutHeight: 300n,
    });
  });

  it("are refused when they are something else", () => {
    assert.throws(() => readTransaction(Uint8Array.of(1, 2, 3)), { code: "input.invalid" });
    assert.throws(() => readTransaction(new Uint8Array()), { code: "input.invalid" });
  });

  it("are refused to a signer that answers with other than 64 bytes", async () => {
    const broken = { ...signer, signDirect: async () => new Uint8Array(70) };
    await assert.rejects(signTransaction(unsignedTransaction(content), "c", [{ signer: broken, accountNumber: 0n }]), {
      code: "signature.invalid",
    });
  });
});

describe("a signer from a key of ours", () => {
  it("has the account that the network's genesis gives the same mnemonic", () => {
    const mnemonic =
      "stable payment cliff fault abuse clinic bus belt film then forward world goose bring picnic rich special brush basic lamp window coral worry change";
    const address = ledgerSigner(
      localKey(privateKeyFromMnemonic(mnemonic, networks.local.derivationPath)),
      networks.local.accountPrefix,
    ).address;
    assert.equal(address, "tp1hslffrztjp399d86a25fh2khg0c6je3achzhyj");
  });
});

// The JSON sections of a container header through the real Jackson and its Kotlin module: what it writes, what it
// tolerates, and that ours never accepts what it refuses.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { base64Encode, concatBytes, utf8Decode, utf8Encode } from "@p8e/core";
import { sealBytes } from "@p8e/crypto";
import {
  decodeMetadata,
  encodeContainerHeader,
  encodeMetadata,
  encodeSignatures,
  parseContainer,
  type SectionName,
} from "@p8e/envelope";
import { findJvmPeer, JvmDriver, type JvmError } from "../driver.ts";
import { developmentParty, openStored, storedContainer } from "../ours.ts";

const peer = await findJvmPeer();

describe("header JSON through the published reader and writer", { skip: peer.missing ?? false }, async () => {
  const jvm = new JvmDriver(peer.classpath ?? "");
  after(() => jvm[Symbol.asyncDispose]());
  const [alice, bob] = [developmentParty(1), developmentParty(2)];
  const sealed = await sealBytes({
    source: utf8Encode("header"),
    owner: alice.publicKey,
    audience: [bob.publicKey],
    signer: alice.key,
  });
  const signature = base64Encode(sealed.seal.signature);
  const publicKey = base64Encode(utf8Encode(alice.publicKey.pem));

  function withSection(name: SectionName, text: string): Uint8Array {
    const { header, payload } = parseContainer(storedContainer(sealed));
    return concatBytes(encodeContainerHeader(header.uuid, { ...header.sections, [name]: utf8Encode(text) }), payload);
  }

  /** What becomes of a container on either side: "verified", "false", or the error's name. */
  async function verdicts(container: Uint8Array, expectedSigner?: string): Promise<{ ours: string; theirs: string }> {
    const theirs = await jvm
      .call("open", {
        container: base64Encode(container),
        privateKey: bob.privateKeyHex,
        ...(expectedSigner === undefined ? {} : { expectedSigner }),
      })
      .then((opened) => (opened.verified ? "verified" : "false"))
      .catch((error: JvmError) => error.type.split(".").at(-1) ?? "");
    const ours = await openStored(
      container,
      bob,
      expectedSigner === undefined ? {} : { expectedSigners: [alice.publicKey] },
    )
      .then(() => "verified")
      .catch((error: { code?: string }) => error.code ?? String(error));
    return { ours, theirs };
  }

  describe("signatures", () => {
    const entry = (fields: string) => `[{${fields}}]`;
    const both = `"signature":"${signature}","publicKey":"${publicKey}"`;
    const pem = alice.publicKey.pem;
    const keyOf = (text: string) => `"signature":"${signature}","publicKey":"${base64Encode(utf8Encode(text))}"`;
    const [withCarriageReturns, withoutLastNewline] = [pem.replaceAll("\n", "\r\n"), pem.trimEnd()];

    const cases: readonly (readonly [what: string, section: string, theirs: string, ours: string])[] = [
      ["one entry", entry(both), "verified", "verified"],
      [
        "its properties in the other order",
        entry(`"publicKey":"${publicKey}","signature":"${signature}"`),
        "verified",
        "verified",
      ],
      ["white space", ` [ { ${both.replace(",", " , ")} } ] \n`, "verified", "verified"],
      ["a property that nobody knows", entry(`${both},"algorithm":"x","more":{"a":[1]}`), "verified", "verified"],
      [
        "a second entry that is no signature",
        `[{${both}},{"signature":"AAAA","publicKey":"AAAA"}]`,
        "verified",
        "verified",
      ],
      ["a property twice, the last one right", entry(`"signature":"AAAA",${both}`), "verified", "verified"],
      ["escapes instead of slashes", entry(both.replaceAll("/", "\\/")), "verified", "verified"],
      ["a PEM text with CRLF", entry(keyOf(withCarriageReturns)), "verified", "verified"],
      ["a PEM text without its last newline", entry(keyOf(withoutLastNewline)), "verified", "verified"],
      ["no entry", "[]", "IllegalStateException", "signature.missing"],
      ["no section", "", "IllegalStateException", "signature.missing"],
      [
        "an entry without a signature",
        entry(`"publicKey":"${publicKey}"`),
        "MissingKotlinParameterException",
        "envelope.malformed",
      ],
      [
        "an entry without a key",
        entry(`"signature":"${signature}"`),
        "MissingKotlinParameterException",
        "envelope.malformed",
      ],
      [
        "a null signature",
        entry(`"signature":null,"publicKey":"${publicKey}"`),
        "MissingKotlinParameterException",
        "envelope.malformed",
      ],
      ["an object instead of a list", `{${both}}`, "MismatchedInputException", "envelope.malformed"],
      [
        "base64 of the URL alphabet",
        entry(`"signature":"-_-_","publicKey":"${publicKey}"`),
        "InvalidFormatException",
        "envelope.malformed",
      ],
      [
        "a newline inside its base64",
        entry(both.replace(signature.slice(0, 10), `${signature.slice(0, 10)}\\n`)),
        "InvalidFormatException",
        "envelope.malformed",
      ],
      ["text that is no JSON", "[{", "JsonMappingException", "envelope.malformed"],
    ];
    for (const [what, section, theirs, ours] of cases) {
      test(`with ${what}: ${theirs} there, ${ours} in ours`, async () => {
        assert.deepEqual(await verdicts(withSection("signatures", section)), { theirs, ours });
      });
    }

    test("text after the list is ignored there and refused in ours", async () => {
      assert.deepEqual(await verdicts(withSection("signatures", `[{${both}}] tail`)), {
        theirs: "verified",
        ours: "envelope.malformed",
      });
    });

    test("the expected-signer reader compares PEM text there: CRLF fails; ours compares the key itself", async () => {
      assert.deepEqual(await verdicts(withSection("signatures", entry(keyOf(pem))), alice.publicKeyHex), {
        theirs: "verified",
        ours: "verified",
      });
      for (const text of [withCarriageReturns, withoutLastNewline]) {
        assert.deepEqual(await verdicts(withSection("signatures", entry(keyOf(text))), alice.publicKeyHex), {
          theirs: "IllegalStateException",
          ours: "verified",
        });
      }
    });
  });

  describe("metadata", () => {
    const pemText = JSON.stringify(alice.publicKey.pem);
    const cases: readonly (readonly [what: string, section: string, theirs: string, ours: string])[] = [
      ["nothing in it", "{}", "verified", "verified"],
      ["a key twice", `{"a":"1","a":"2","SIGNATURE_PUBLIC_KEY":${pemText}}`, "verified", "verified"],
      ["a number", '{"a":1}', "verified", "envelope.malformed"],
      ["a boolean", '{"a":true}', "verified", "envelope.malformed"],
      ["a null", '{"a":null}', "verified", "envelope.malformed"],
      ["text after it", "{} tail", "verified", "envelope.malformed"],
      ["an object inside", '{"a":{}}', "MismatchedInputException", "envelope.malformed"],
      ["a list instead", "[]", "MismatchedInputException", "envelope.malformed"],
      ["nothing at all", "", "MismatchedInputException", "envelope.malformed"],
    ];
    for (const [what, section, theirs, ours] of cases) {
      test(`with ${what}: ${theirs} there, ${ours} in ours`, async () => {
        assert.deepEqual(await verdicts(withSection("metadata", section)), { theirs, ours });
      });
    }

    test("is written byte for byte as Jackson writes it, for every character of the basic plane and some beyond", async () => {
      const characters: string[] = [];
      for (let code = 0; code < 0x10000; code++) {
        if (code < 0xd800 || code >= 0xe000) characters.push(String.fromCharCode(code));
      }
      for (const code of [0x10000, 0x1f600, 0x10ffff]) characters.push(String.fromCodePoint(code));
      const metadata: Record<string, string> = { 'é/\\"': 'é/\\"' };
      for (let at = 0; at < characters.length; at += 1000)
        metadata[`part ${at}`] = characters.slice(at, at + 1000).join("");
      const { container } = await jvm.call("headerJson", { metadata });
      const { header } = parseContainer(Buffer.from(container, "base64"), {
        metadataBytes: 1 << 20,
        uriBytes: 0,
        signatureBytes: 100,
        envelopeBytes: 100,
        envelopeFields: 10,
      });
      const ours = encodeMetadata(Object.entries(metadata));
      assert(Buffer.from(header.sections.metadata).equals(ours));
      assert.deepEqual(Object.fromEntries(decodeMetadata(header.sections.metadata)), metadata);
    });

    test("reads back in the JVM what ours wrote", async () => {
      const metadata = { NOTE: "ü😀\u0001\u2028", "1": "a number's name" };
      const container = withSection("metadata", utf8Decode(encodeMetadata(Object.entries(metadata)), "metadata"));
      assert.deepEqual((await jvm.call("parse", { container: base64Encode(container) })).metadata, metadata);
    });
  });

  test("signatures are written byte for byte as Jackson writes them", async () => {
    const { signatures } = await jvm.call("headerJson", { signature, signerPem: alice.publicKey.pem });
    const entry = { signature: sealed.seal.signature, publicKey: utf8Encode(alice.publicKey.pem) };
    assert.equal(signatures, utf8Decode(encodeSignatures([entry]), "signatures"));
  });

  test("a uri survives both ways", async () => {
    const { container } = await jvm.call("headerJson", { uri: "object://store/ü" });
    const { header } = parseContainer(Buffer.from(container, "base64"));
    assert.equal(utf8Decode(header.sections.uri, "uri"), "object://store/ü");
    assert.equal(
      (await jvm.call("parse", { container: base64Encode(withSection("uri", "object://store/ü")) })).uri,
      "object://store/ü",
    );
  });
});

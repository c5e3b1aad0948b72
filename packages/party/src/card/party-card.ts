import {
  type AccountAddress,
  base64Decode,
  type Network,
  P8eError,
  parseAccountAddress,
  parseJson,
  type Shape,
  shape,
  utf8Encode,
} from "@p8e/core";
import {
  accountAddress,
  type KeyReference,
  type PublicKey,
  publicKeyFromBase64,
  signBytes,
  verifyBytes,
} from "@p8e/crypto";
import { isPartyTitle, parsePartyName } from "../profile/party-name.ts";
import type { PartyDescription } from "../profile/profile.ts";

/*
 * A party's card: what it gives to those it deals with, so that they can encrypt for it and send to its store. One JSON
 * document, signed by both of its keys: whoever hands it on can change nothing in it, and nobody can claim a key that is
 * not his. docs/protocol/party-card.md has the format, for a second implementation.
 */

const CARD_FORMAT = 1;
/** In UTF-8: a card fits into a mail, a chat, or a picture to scan. */
export const CARD_BYTES_MAX = 2048;
const SIGNATURE_ALGORITHM = "SHA256withECDSA";
const STORE_URL = /^grpcs?:\/\/(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]{1,255})(:\d{1,5})?\/?$/;
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;
const CHAIN_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,49}$/;

/** A party as it describes itself, on a network, at a time. */
export interface PartyCard extends PartyDescription {
  /** Chain id of the network. */
  readonly network: string;
  /** When it was signed, to the second. */
  readonly time: Date;
}

/** The two keys that sign a card. */
export interface CardSigners {
  readonly signing: KeyReference;
  readonly encryption: KeyReference;
}

/**
 * The text of a party's card.
 * @throws `key.invalid` when the keys are not the party's, `input.too_large` when its title and URL leave no room, and what
 * signing throws
 */
export async function signPartyCard(
  party: PartyDescription,
  network: Network,
  keys: CardSigners,
  time: Date,
): Promise<string> {
  if (keys.signing.publicKey.base64 !== party.signingKey || keys.encryption.publicKey.base64 !== party.encryptionKey) {
    throw new P8eError("key.invalid", `these are not the keys of ${party.name}`, { facts: { party: party.name } });
  }
  const card = { ...party, network: network.chainId, time: new Date(Math.floor(time.getTime() / 1000) * 1000) };
  const bytes = signedBytes(card);
  const [signing, encryption] = [
    await signBytes(keys.signing, bytes, SIGNATURE_ALGORITHM),
    await signBytes(keys.encryption, bytes, SIGNATURE_ALGORITHM),
  ];
  const { name, title, address, signingKey, encryptionKey, storeUrl } = card;
  const document = {
    ...{ format: CARD_FORMAT, network: card.network, name, title, signingKey, encryptionKey, address, storeUrl },
    time: timeText(card.time),
    signatures: {
      signing: Buffer.from(signing).toString("base64"),
      encryption: Buffer.from(encryption).toString("base64"),
    },
  };
  const text = `${JSON.stringify(document, undefined, 2)}\n`;
  if (utf8Encode(text).length <= CARD_BYTES_MAX) return text;
  throw new P8eError("input.too_large", `a card has at most ${CARD_BYTES_MAX} bytes: title or store URL are too long`, {
    facts: { limit: CARD_BYTES_MAX },
  });
}

/**
 * Reads a card and checks everything that a card can prove: its form, the network, that the address is the signing key's,
 * and both signatures. That the keys are those of the party one means, a card cannot prove: compare the fingerprint.
 * `file` is where it was read from, for errors.
 * @throws `input.invalid` with the fact `field`, `input.too_large`, `ledger.wrong_network`, `key.invalid`,
 * `address.invalid`, `signature.invalid`
 */
export function parsePartyCard(text: string | Uint8Array, network: Network, file?: string): PartyCard {
  requireSmall(text);
  const read = parseJson(CARD, text, {
    what: "the card",
    file,
    bytesMax: CARD_BYTES_MAX,
    newestFormat: CARD_FORMAT,
    hint: "A card is the whole document that p8e party card prints at the partner's.",
  });
  const { signatures, format: _, ...rest } = read;
  if (rest.network !== network.chainId) {
    throw new P8eError(
      "ledger.wrong_network",
      `this card is of a party on ${rest.network}, not on ${network.chainId}`,
      {
        facts: { expected: network.chainId, actual: rest.network },
      },
    );
  }
  const signing = publicKeyFromBase64(rest.signingKey);
  const encryption = publicKeyFromBase64(rest.encryptionKey);
  const address = addressOf(rest.address, signing, network, file);
  const card: PartyCard = { ...rest, address, signingKey: signing.base64, encryptionKey: encryption.base64 };
  const bytes = signedBytes(card);
  for (const [use, key, signature] of [
    ["signing", signing, signatures.signing],
    ["encryption", encryption, signatures.encryption],
  ] as const) {
    if (verifyBytes(key, bytes, signature, SIGNATURE_ALGORITHM)) continue;
    throw new P8eError(
      "signature.invalid",
      `the card is not signed by its ${use} key: it was changed after it was made`,
      {
        facts: { key: use, file, field: `signatures.${use}` },
        hint: "Ask the party for its card again.",
      },
    );
  }
  return card;
}

/**
 * The bytes that both keys sign: a line for each value, in this order, each ended by a line feed. No value can hold one,
 * so two cards never have the same bytes.
 */
function signedBytes(card: PartyCard): Uint8Array {
  const { network, name, title, signingKey, encryptionKey, address, storeUrl, time } = card;
  const lines = [
    "p8e party card 1",
    network,
    name,
    title,
    signingKey,
    encryptionKey,
    address,
    storeUrl,
    timeText(time),
  ];
  return utf8Encode(lines.map((line) => `${line}\n`).join(""));
}

function addressOf(text: string, signing: PublicKey, network: Network, file: string | undefined): AccountAddress {
  const address = parseAccountAddress(text, network.accountPrefix);
  if (address === text && address === accountAddress(signing, network.accountPrefix)) return address;
  throw new P8eError("address.invalid", "the card's address is not its signing key's", {
    facts: { given: address, file, field: "address" },
  });
}

function timeText(time: Date): string {
  return time.toISOString().replace(".000Z", "Z");
}

function parseTime(text: string): Date {
  const time = new Date(text);
  if (!TIME.test(text) || Number.isNaN(time.getTime()) || timeText(time) !== text) throw new Error("no time");
  return time;
}

function parseTitle(text: string): string {
  // Halves of a surrogate pair have no UTF-8, and would all be signed alike.
  if (!isPartyTitle(text) || !text.isWellFormed()) throw new Error("no title");
  return text;
}

const KEY_FORM = { says: "a public key of 65 bytes, in base64", form: /^B[A-Za-z0-9+/]{86}=$/, lengthMax: 88 };
const signature: Shape<Uint8Array> = shape.parsed("a signature in base64", (text) => base64Decode(text), 120);

const CARD = shape.object({
  format: shape.only(CARD_FORMAT),
  network: shape.text({ says: "a chain id", form: CHAIN_ID }),
  name: shape.parsed("a party's name", parsePartyName, 31),
  title: shape.parsed("a title in one line of at most 100 characters", parseTitle, 100),
  signingKey: shape.text(KEY_FORM),
  encryptionKey: shape.text(KEY_FORM),
  address: shape.text({ says: "an account address", lengthMax: 120 }),
  storeUrl: shape.text({ says: "grpc://HOST:PORT or grpcs://HOST:PORT", form: STORE_URL, lengthMax: 300 }),
  time: shape.parsed("a time in UTC to the second, as 2026-01-31T12:00:00Z", parseTime, 20),
  signatures: shape.object({ signing: signature, encryption: signature }),
});

function requireSmall(text: string | Uint8Array): void {
  const length = typeof text === "string" ? Buffer.byteLength(text) : text.length;
  if (length <= CARD_BYTES_MAX) return;
  throw new P8eError("input.too_large", `a card has at most ${CARD_BYTES_MAX} bytes`, {
    facts: { sizeBytes: length, limit: CARD_BYTES_MAX },
  });
}

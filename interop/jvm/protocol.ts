/**
 * The commands that the JVM driver understands: one JSON line each way. Bytes are standard base64, keys and digests of
 * keys hexadecimal, hashes base64 as everywhere in the field.
 */
import type { JsonValue } from "@bufbuild/protobuf";

export type HashType = "SHA256" | "SHA512";

export interface KeyDescription {
  readonly publicKey: string;
  readonly compressed: string;
  readonly audienceText: string;
  readonly publicKeyPem: string;
  readonly publicKeySpki: string;
  readonly storeHex: string;
  readonly proto: string;
  readonly mainnetAddress: string;
  readonly testnetAddress: string;
}

export interface KeyPairDescription extends KeyDescription {
  readonly privateKey: string;
  readonly privateKeyProto: string;
  readonly privateKeyPkcs8: string;
  readonly privateKeyPem: string;
}

export interface Cryptogram {
  readonly ephemeralPublicKey: string;
  readonly tag: string;
  readonly encryptedData: string;
}

/** Content as base64, or from a file: exactly one of the two. */
export type Content = { readonly plaintext: string } | { readonly path: string };

interface Signing {
  readonly signatureHash?: HashType;
  readonly deterministic?: boolean;
}

export interface Sealing extends Signing {
  readonly owner: string;
  readonly signer: string;
  readonly audience?: readonly string[];
  readonly metadata?: Readonly<Record<string, string>>;
  readonly uuid?: string;
  readonly dimeUuid?: string;
  readonly sha256?: boolean;
  readonly lo?: boolean;
  readonly dek?: string;
}

export interface EnvelopeDescription {
  readonly uuid: string;
  readonly uri: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly signatures: readonly { readonly signature: string; readonly publicKey: string }[];
  readonly dimeUuid: string;
  readonly dime: string;
  readonly owner: string;
  readonly audience: readonly { readonly publicKey: string; readonly context: string }[];
}

export interface Opened {
  readonly length: number;
  /** Absent when the content went to a file. */
  readonly plaintext?: string;
  readonly verified: boolean;
}

interface Opening {
  readonly privateKey: string;
  readonly expectedSigner?: string;
  readonly outPath?: string;
}

export interface AddressDescription {
  readonly bech32: string;
  readonly bytes: string;
  readonly prefix: string;
  readonly primaryUuid: string;
}

/** A running store. */
interface At {
  readonly url: string;
  readonly deadlineMs?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface StoredDescription {
  readonly uuid: string;
  readonly dimeUuid: string;
  readonly hash: string;
  readonly uri: string;
  readonly bucket: string;
  readonly name: string;
  readonly storedLength: number;
  readonly contentLength: number;
  readonly hasCreated: boolean;
}

/** A protobuf message as bytes, and the Java class that it is an instance of. */
export interface MessageOf {
  readonly classname: string;
  readonly message: string;
}

interface Storing extends At, Signing {
  readonly owner: string;
  readonly signer: string;
  readonly audience?: readonly string[];
  readonly metadata?: Readonly<Record<string, string>>;
  readonly uuid?: string;
  readonly lo?: boolean;
}

interface CachedStoring extends At {
  readonly ownerKey: string;
  readonly signer: string;
  readonly audience?: readonly string[];
  readonly uuid?: string;
}

export interface KeyRegistration {
  readonly uuid: string;
  readonly publicKey: string;
  readonly objectStoreUrl: string;
  readonly hasMetadata: boolean;
  readonly hasCreatedAt: boolean;
  readonly hasUpdatedAt: boolean;
}

interface Op<Request, Answer> {
  readonly request: Request;
  readonly answer: Answer;
}

type None = Readonly<Record<string, never>>;

export interface Operations {
  generateKey: Op<None, KeyPairDescription>;
  privateKey: Op<{ readonly privateKey: string }, KeyPairDescription>;
  privateKeyProto: Op<{ readonly proto: string }, { readonly scalar: string; readonly rewritten: string }>;
  publicKey: Op<{ readonly publicKey: string }, KeyDescription>;
  publicKeyProto: Op<{ readonly proto: string }, KeyDescription>;
  publicKeyPem: Op<{ readonly pem: string }, KeyDescription>;
  sharedSecret: Op<
    { readonly privateKey: string; readonly publicKey: string },
    { readonly sharedSecret: string; readonly hkdf: string }
  >;
  aesEncrypt: Op<
    {
      readonly key: string;
      readonly plaintext: string;
      readonly form: "bytes" | "stream";
      readonly aad?: string;
      readonly iv?: string;
      readonly zeroIv?: boolean;
    },
    { readonly frame: string }
  >;
  aesDecrypt: Op<
    {
      readonly key: string;
      readonly frame: string;
      readonly reader: "aes" | "envelope";
      readonly form: "bytes" | "stream";
      readonly aad?: string;
      readonly zeroIv?: boolean;
    },
    { readonly plaintext: string }
  >;
  eciesEncrypt: Op<{ readonly publicKey: string; readonly plaintext: string; readonly aad?: string }, Cryptogram>;
  eciesDecrypt: Op<
    Cryptogram & { readonly privateKey: string; readonly aad?: string; readonly experimental?: boolean },
    { readonly plaintext: string }
  >;
  seal: Op<
    Content & Sealing,
    {
      readonly container: string;
      readonly hash: string;
      readonly signature: string;
      readonly signerPem: string;
      readonly uuid: string;
    }
  >;
  open: Op<({ readonly container: string } | { readonly path: string }) & Opening, EnvelopeDescription & Opened>;
  parse: Op<{ readonly container: string }, EnvelopeDescription>;
  store: Op<
    { readonly container: string; readonly signature: string; readonly signerPem: string },
    { readonly container: string }
  >;
  headerJson: Op<
    {
      readonly metadata?: Readonly<Record<string, string | null>>;
      readonly uuid?: string;
      readonly uri?: string;
      readonly signature?: string;
      readonly signerPem?: string;
    },
    { readonly signatures: string; readonly container: string }
  >;
  sealText: Op<
    {
      readonly text: string;
      readonly owner: string;
      readonly audience?: readonly string[];
      readonly processing?: readonly string[];
      readonly aad?: string;
      readonly dimeUuid?: string;
      readonly legacyEncoding?: boolean;
    },
    { readonly dime: string; readonly processing: readonly string[] }
  >;
  openText: Op<
    {
      readonly dime: string;
      readonly privateKey: string;
      readonly processing?: string;
      readonly dekAad?: string;
      readonly payloadAad?: string;
    },
    { readonly text: string }
  >;
  sign: Op<
    Signing & { readonly privateKey: string; readonly data: string },
    {
      readonly algo: string;
      readonly provider: string;
      readonly signature: string;
      readonly proto: string;
      readonly streamSignature: string;
    }
  >;
  verify: Op<
    { readonly publicKey: string; readonly data: string } & (
      | { readonly proto: string }
      | { readonly algo: string; readonly signature: string; readonly provider?: string }
    ),
    { readonly verified: boolean }
  >;
  verifyStream: Op<
    { readonly publicKey: string; readonly data: string; readonly signature: string; readonly algo?: string },
    { readonly verified: boolean }
  >;
  singleByteRead: Op<
    { readonly privateKey: string; readonly data: string },
    { readonly reads: readonly [number, number] }
  >;
  hash: Op<
    { readonly data: string },
    { readonly sha256: string; readonly sha512: string; readonly sha256Lo: string; readonly sha512Lo: string }
  >;
  metadataAddress: Op<{ readonly kind: string; readonly args: readonly string[] }, AddressDescription>;
  metadataAddressParse: Op<{ readonly bech32: string } | { readonly bytes: string }, AddressDescription>;
  nameHashes: Op<{ readonly names: readonly string[] }, { readonly hashes: readonly (string | null)[] }>;
  bytesToUuid: Op<{ readonly bytes: string }, { readonly uuid: string; readonly written: string }>;
  base64Decode: Op<{ readonly decoder: "guava" | "java.util"; readonly text: string }, { readonly hex: string }>;
  reserialize: Op<MessageOf, { readonly bytes: string; readonly lo: string }>;
  /** With the field names of the .proto file, fields at their defaults left out. */
  json: Op<MessageOf, { readonly json: JsonValue }>;
  put: Op<Storing & Content & { readonly contentLength?: number }, StoredDescription>;
  putMessage: Op<Storing & MessageOf, StoredDescription>;
  /** Pauses, if asked to, after the first message with content. */
  putStream: Op<At & Sealing & Content & { readonly chunkSize?: number; readonly pauseMs?: number }, StoredDescription>;
  get: Op<
    At & { readonly hash: string; readonly publicKey: string } & Partial<Opening>,
    EnvelopeDescription & Partial<Opened>
  >;
  putRecord: Op<
    CachedStoring & MessageOf & { readonly lo?: boolean; readonly asMessage?: boolean },
    { readonly hash: string }
  >;
  getRecord: Op<At & { readonly classname: string; readonly hash: string; readonly privateKey: string }, MessageOf>;
  putJar: Op<CachedStoring & Content, { readonly hash: string }>;
  getJar: Op<
    At & { readonly hash: string; readonly privateKey: string; readonly outPath?: string },
    { readonly length?: number; readonly plaintext?: string }
  >;
  mailboxGet: Op<
    At & { readonly publicKey: string; readonly maxResults: number } & Partial<Opening>,
    { readonly mail: readonly (EnvelopeDescription & Partial<Opened> & { readonly mailUuid: string })[] }
  >;
  mailboxAck: Op<At & { readonly mailUuid: string }, object>;
  publicKeyAdd: Op<At & { readonly publicKey: string; readonly objectStoreUrl?: string }, KeyRegistration>;
  publicKeyAddWithSigningKey: Op<
    At & { readonly publicKey: string; readonly signingKey: string; readonly objectStoreUrl?: string },
    KeyRegistration
  >;
  contractSpecification: Op<
    { readonly contractHash: string; readonly protoHash: string; readonly ofNote?: boolean },
    { readonly specification: string; readonly hash: string; readonly uuid: string; readonly contract: string }
  >;
  /** What the publishing plugin would build of NoteContract, and the names it would publish. */
  noteArchives: Op<
    None,
    {
      readonly contract: string;
      readonly protos: string;
      readonly scopeSpecificationName: string;
      readonly scopeSpecificationUuid: string;
    }
  >;
  /** A session of NoteContract by one party: executed, stored, and what is to be written to the ledger. */
  executeNote: Op<
    SdkParty & {
      readonly contractHash: string;
      readonly protoHash: string;
      readonly text: string;
      readonly dataAccess: readonly string[];
    } & ({ readonly scopeUuid: string } | { readonly scope: string }),
    { readonly result: string; readonly sessionUuid: string; readonly messages: readonly PackedMessage[] }
  >;
  /** A scope with sessions and records as a node tells it; `url` is the node's. */
  scope: Op<At & { readonly address: string; readonly includeRequest: boolean }, { readonly scope: string }>;
  /** The record "note" of a scope; null where it has none that is a StringValue. */
  hydrateNote: Op<SdkParty & { readonly scope: string }, { readonly note: string | null }>;
}

/** A party of the SDK at its store; keys are scalars. */
interface SdkParty extends At {
  readonly signer: string;
  readonly encryptionKey: string;
  /** Keys of others that the SDK is to know, each for both purposes. */
  readonly affiliates?: readonly string[];
}

/** A message for the ledger. */
export interface PackedMessage {
  readonly typeUrl: string;
  readonly value: string;
}

interface Sending {
  /** `grpc://HOST:PORT`. */
  readonly nodeUrl: string;
  readonly chainId: string;
  /** The signer's, on the path m/44'/1'/0'/0/0. */
  readonly mnemonic: string;
  readonly messages: readonly PackedMessage[];
}

/** The commands of the chain's published client. */
export interface SenderOperations {
  estimate: Op<
    Sending & { readonly estimation: "COSMOS_SIMULATION" | "MSG_FEE_CALCULATION" },
    { readonly limit: number; readonly fees: Readonly<Record<string, string>> }
  >;
  /** Asks for the price, signs, sends, and waits until the transaction is in a block. */
  send: Op<
    Sending,
    {
      readonly hash: string;
      readonly code: number;
      readonly codespace: string;
      readonly log: string;
      readonly height: number;
    }
  >;
}

import { create, type DescMessage, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import type { ChainClient } from "@p8e/chain";
import { contractSpecificationMessage, recordSpecificationMessages, scopeSpecificationMessage } from "@p8e/contract";
import {
  type ContentHash,
  concatBytes,
  contentHashToBytes,
  hashContent,
  networks,
  P8eError,
  SHA256_TRUNCATED_FORM,
  scopeAddress,
  utf8Encode,
} from "@p8e/core";
import { accountAddress, type KeyReference, signMessage } from "@p8e/crypto";
import { openSandbox } from "@p8e/engine";
import type { ObjectClient } from "@p8e/object-client";
import * as wire from "@p8e/proto/agreement";
import * as metadata from "@p8e/proto/metadata";
import * as scope from "@p8e/proto/scope";
import { messageCodec } from "@p8e/rpc";
import { type Verifier, verifyScope } from "@p8e/sdk";
import { MetadataQueries } from "../../packages/chain/src/queries/metadata-queries.ts";
import { memorializeMessages } from "../../packages/sdk/src/session/memorialize-messages.ts";
import type { Door } from "../door.ts";
import { messageBytes } from "../grammar.ts";
import type { Random } from "../random.ts";
import { agreedEvidence, SCOPE, type SignedSession, signedSession } from "../signed-session.ts";

const BYTES_MAX = 2 * 1024 * 1024;
const { accountPrefix } = networks.local;

/** What store and ledger answer with; each may hold the hashes of those before it. */
const parts = ["input", "output", "bundle", "types", "specification", "evidence", "scope", "contract", "kind"] as const;
type Part = (typeof parts)[number];
type Answers = Record<Part, Uint8Array>;
const OBJECTS = parts.slice(0, 6);

const schemas: Partial<Record<Part, DescMessage>> = {
  types: FileDescriptorSetSchema,
  specification: scope.ContractSpecSchema,
  evidence: scope.EnvelopeSchema,
  scope: metadata.ScopeResponseSchema,
  contract: metadata.ContractSpecificationResponseSchema,
  kind: metadata.ScopeSpecificationResponseSchema,
};
const grown = parts.filter((part) => schemas[part] !== undefined);

/** Of the session that one has signed, or that several have. */
function schemaOf(part: Part, session: number): DescMessage {
  return part === "evidence" && session === AGREED ? wire.AgreementEvidenceSchema : schemas[part]!;
}

/** Bits of an input's first byte. */
const AGREED = 1;
const SIGNED_ANEW = 2;

/**
 * Whether a scope holds, by a ledger and a store that answer with anything. An input says which of their answers are others
 * than those of a scope that does hold; an answer that names another by its hash goes on to name it.
 */
export async function openDoor(): Promise<Door> {
  const sandbox = openSandbox();
  const sessions = [await signedSession(sandbox, ["OWNER"]), await signedSession(sandbox, ["OWNER", "SERVICER"])];
  const honest = await Promise.all(sessions.map((session) => answersOf(session)));
  const key = sessions[0]!.lender.encryption;
  for (const answers of honest) {
    const { ok, findings } = await verified(answers);
    if (!ok) throw new Error(`the scope that others are made of does not hold: ${JSON.stringify(findings)}`);
  }
  return {
    seeds: honest.flatMap((answers, index) =>
      parts.map((part) => framed(index | SIGNED_ANEW, [[part, answers[part]]])),
    ),
    bytesMax: BYTES_MAX,
    generate: (random) => generated(random, honest),
    async run(input) {
      const flags = input[0] ?? 0;
      const session = flags & AGREED;
      const findings = (await verified(await changed(honest[session]!, sessions[session]!, input))).findings;
      const unforeseen = findings.find(({ code }) => code === "internal.unexpected");
      if (unforeseen !== undefined) throw new Error(`${unforeseen.what}: ${unforeseen.says}`);
    },
    [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose](),
  };

  function verified(answers: Answers) {
    return verifyScope({ ...peers(answers), key, sandbox }, scopeAddress(SCOPE.uuid));
  }
}

/** What stands on the ledger and in the store after a session. */
async function answersOf(session: SignedSession): Promise<Answers> {
  const { loaded, lender, envelopes, input, output } = session;
  const agreed = envelopes.length > 1;
  const evidence = agreed ? await agreedEvidence(session) : toBinary(scope.EnvelopeSchema, envelopes[0]!);
  const owner = accountAddress(lender.signing.publicKey, accountPrefix);
  const { manifest, specification, types, bundle } = loaded;
  const written = memorializeMessages(envelopes[0]!, specification.message, {
    ...{ prefix: accountPrefix, evidence: hashContent(evidence), agreed },
  });
  const only = <D extends DescMessage>(schema: D) =>
    fromBinary(schema, written.find(({ typeUrl }) => typeUrl === `/${schema.typeName}`)!.value);
  const { scope: made } = only(metadata.MsgWriteScopeRequestSchema);
  const response = {
    scope: { scope: made },
    sessions: [{ session: only(metadata.MsgWriteSessionRequestSchema).session }],
    records: [{ record: only(metadata.MsgWriteRecordRequestSchema).record }],
  } as MessageInitShape<typeof metadata.ScopeResponseSchema>;
  const kind = scopeSpecificationMessage({ ...SCOPE, parties: manifest.participants }, owner);
  const contract = contractSpecificationMessage(manifest, specification, owner);
  kind.contractSpecIds = [contract.specificationId];
  return {
    ...{ input, output, bundle, types: types.bytes, specification: specification.bytes, evidence },
    scope: toBinary(metadata.ScopeResponseSchema, create(metadata.ScopeResponseSchema, response)),
    contract: toBinary(
      metadata.ContractSpecificationResponseSchema,
      create(metadata.ContractSpecificationResponseSchema, {
        contractSpecification: { specification: contract },
        recordSpecifications: recordSpecificationMessages(manifest, specification).map((one) => ({
          specification: one,
        })),
      }),
    ),
    kind: toBinary(
      metadata.ScopeSpecificationResponseSchema,
      create(metadata.ScopeSpecificationResponseSchema, { scopeSpecification: { specification: kind } }),
    ),
  };
}

/** A ledger and a store that answer with these bytes, which are decoded as those of a connection are. */
function peers(answers: Answers): Pick<Verifier, "chain" | "store"> {
  const answer = (part: Part, schema: DescMessage) => async () => messageCodec(schema).decode(answers[part]);
  const node = {
    ask: (call: (options: object) => unknown) => call({}),
    metadata: {
      scope: answer("scope", metadata.ScopeResponseSchema),
      contractSpecification: answer("contract", metadata.ContractSpecificationResponseSchema),
      scopeSpecification: answer("kind", metadata.ScopeSpecificationResponseSchema),
    },
  };
  const stored = new Map<string, Uint8Array>(OBJECTS.map((part) => [hashOf(part, answers[part]), answers[part]]));
  const store = {
    async getBytes(hash: ContentHash) {
      const bytes = stored.get(hash);
      if (bytes === undefined) throw new P8eError("object.not_found", "there is no such object");
      return bytes;
    },
  };
  const chain = { accountPrefix, metadata: new MetadataQueries(node as never) };
  return { chain: chain as unknown as ChainClient, store: store as unknown as ObjectClient };
}

function hashOf(part: Part, bytes: Uint8Array): ContentHash {
  return hashContent(bytes, part === "specification" ? SHA256_TRUNCATED_FORM : undefined);
}

/** The answers of an input: hashes of what it changes are changed wherever they stand, as one who answers so would. */
async function changed(honest: Answers, { lender }: SignedSession, input: Uint8Array): Promise<Answers> {
  const answers: Answers = { ...honest, ...partsOf(input) };
  for (const [index, part] of OBJECTS.entries()) {
    if (part === "evidence" && ((input[0] ?? 0) & (AGREED | SIGNED_ANEW)) === SIGNED_ANEW) {
      answers.evidence = await signedAnew(answers.evidence, lender.signing);
    }
    const [before, now] = [hashOf(part, honest[part]), hashOf(part, answers[part])];
    if (before === now) continue;
    for (const later of parts.slice(index + 1)) {
      answers[later] = replaced(answers[later], utf8Encode(before), utf8Encode(now));
      answers[later] = replaced(answers[later], contentHashToBytes(before), contentHashToBytes(now));
    }
  }
  return answers;
}

/** What a dishonest party can do. */
async function signedAnew(bytes: Uint8Array, key: KeyReference): Promise<Uint8Array> {
  try {
    const envelope = fromBinary(scope.EnvelopeSchema, bytes);
    if (envelope.contract === undefined) return bytes;
    const contract = toBinary(scope.ContractSchema, envelope.contract);
    envelope.signatures = [await signMessage(key, contract)];
    return toBinary(scope.EnvelopeSchema, envelope);
  } catch {
    return bytes;
  }
}

/** Of the same length. */
function replaced(bytes: Uint8Array, from: Uint8Array, to: Uint8Array): Uint8Array {
  const copy = Buffer.from(bytes);
  for (let at = copy.indexOf(from); at >= 0; at = copy.indexOf(from, at + to.length)) copy.set(to, at);
  return new Uint8Array(copy);
}

function framed(flags: number, changes: readonly (readonly [Part, Uint8Array])[]): Uint8Array {
  const framedParts = changes.flatMap(([part, bytes]) => {
    const { length } = bytes;
    return [Uint8Array.of(parts.indexOf(part), length & 255, (length >> 8) & 255, length >> 16), bytes];
  });
  return concatBytes(Uint8Array.of(flags), ...framedParts);
}

function partsOf(input: Uint8Array): Partial<Answers> {
  const found: Partial<Answers> = {};
  for (let at = 1; at + 4 <= input.length; ) {
    const length = input[at + 1]! | (input[at + 2]! << 8) | (input[at + 3]! << 16);
    found[parts[input[at]! % parts.length]!] = input.slice(at + 4, at + 4 + length);
    at += 4 + length;
  }
  return found;
}

/** One or two answers that are others: any message, or the honest one with more in it, which is what merging bytes gives. */
function generated(random: Random, honest: readonly Answers[]): Uint8Array {
  const session = random.below(2);
  const changes = Array.from({ length: 1 + random.below(2) }, () => {
    const part = random.pick(grown);
    const schema = schemaOf(part, session);
    const more = messageBytes(random, schema, { bytesMax: BYTES_MAX / 4 });
    if (random.oneIn(4)) return [part, more] as const;
    return [part, inOneForm(schema, concatBytes(honest[session]![part], more))] as const;
  });
  return framed(session | (random.oneIn(4) ? 0 : SIGNED_ANEW), changes);
}

/** Evidence is read in the one form that encoding gives. */
function inOneForm(schema: DescMessage, bytes: Uint8Array): Uint8Array {
  try {
    return toBinary(schema, fromBinary(schema, bytes));
  } catch {
    return bytes;
  }
}

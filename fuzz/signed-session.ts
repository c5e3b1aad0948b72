import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  StringValueSchema,
  timestampFromMs,
} from "@bufbuild/protobuf/wkt";
import { bundleHeaderLine, scopeSpecificationUuid } from "@p8e/contract";
import { base64Encode, hashContent, networks, parseUuid, type Role, utf8Encode } from "@p8e/core";
import { accountAddress, generatePrivateKey, localKey, signMessage } from "@p8e/crypto";
import { executeContract, type LoadedContract, loadContract, type Sandbox } from "@p8e/engine";
import * as wire from "@p8e/proto/agreement";
import { fileDescriptorSet } from "@p8e/proto/file-descriptor-set";
import { javaClassName } from "@p8e/proto/java-class-name";
import type * as scope from "@p8e/proto/scope";
import { affiliateOf, type LocalParty, type SignedMail } from "@p8e/sdk";
import {
  type AgreementWords,
  encodeWords,
  requestHash,
  signedMailMessage,
  signWords,
} from "../packages/sdk/src/agreement/agreement-mail.ts";
import { encodeEvidence } from "../packages/sdk/src/session/evidence.ts";
import { packageSession } from "../packages/sdk/src/session/package-session.ts";

/** A session that one party has executed and signed, made without a ledger or a store. */
export interface SignedSession {
  readonly loaded: LoadedContract;
  /** Who invoked it. */
  readonly lender: LocalParty;
  /** The other party of a contract of two. */
  readonly bank: LocalParty;
  /** One for each party, with its signature; the lender's first. */
  readonly envelopes: readonly scope.Envelope[];
  readonly input: Uint8Array;
  readonly output: Uint8Array;
}

const uuid = (last: number) => parseUuid(`00000000-0000-4000-8000-00000000000${last}`);
/** The scope that it makes, of which kind. */
export const SCOPE = { uuid: uuid(1), name: "x.scope", description: "A scope" } as const;
/** What it is called in the scope, and how it came to be. */
export const SESSION = uuid(2);
export const EXECUTION = uuid(3);

/** Far enough for a deadline that nobody's clock has passed. */
const DEADLINE_MS = Date.UTC(2100, 0, 1);

function party(byte: number): LocalParty {
  const key = localKey(generatePrivateKey((length) => new Uint8Array(length).fill(byte)));
  return { signing: key, encryption: key };
}

/** A contract that gives back what it is given, executed for the lender, or for both parties. */
export async function signedSession(sandbox: Sandbox, roles: readonly Role[]): Promise<SignedSession> {
  const bundle = bundleOf(roles);
  const loaded = await loadContract(sandbox, bundle, hashContent(bundle));
  const [lender, bank] = [party(7), party(9)];
  const participants = new Map(roles.map((role, index) => [role, affiliateOf(index === 0 ? lender : bank)]));
  const owner = accountAddress(lender.signing.publicKey, networks.local.accountPrefix);
  const input = toBinary(StringValueSchema, create(StringValueSchema, { value: "Ada" }));
  const { specification } = loaded;
  const packaged = packageSession({
    contract: { hash: specification.hash, specification: specification.message },
    scope: { kind: "new", uuid: SCOPE.uuid, specificationUuid: scopeSpecificationUuid(owner, SCOPE.name) },
    ...{ sessionUuid: SESSION, executionUuid: EXECUTION, invoker: affiliateOf(lender), participants },
    proposals: new Map([["text", { className: javaClassName(StringValueSchema), bytes: input }]]),
    ...{ dataAccess: [], startTime: timestampFromMs(1_000_000), expirationTime: timestampFromMs(DEADLINE_MS) },
    mainNet: networks.local.mainNet,
  });
  const objects = new Map(packaged.proposals.map(({ hash, bytes }) => [hash, bytes]));
  const envelopes: scope.Envelope[] = [];
  let output = new Uint8Array();
  for (const { signing } of [lender, bank].slice(0, roles.length)) {
    const outcome = await executeContract(sandbox, {
      ...{ contract: packaged.envelope.contract!, loaded, objects },
      sign: (bytes) => signMessage(signing, bytes),
    });
    if (outcome.kind === "failed") throw outcome.error;
    const [result] = outcome.results;
    if (result?.outcome === "PASS") output = Uint8Array.from(result.bytes);
    envelopes.push({ ...packaged.envelope, contract: outcome.contract, signatures: [outcome.signature] });
  }
  return { loaded, lender, bank, envelopes, input, output };
}

/** The mail by which the lender asks for the bank's signature. */
export function requestOf({ lender, bank, envelopes }: SignedSession): wire.AgreementRequest {
  return create(wire.AgreementRequestSchema, {
    chainId: networks.local.chainId,
    envelope: encodeEvidence(envelopes[0]!),
    signers: [lender, bank].map(({ signing, encryption }) => ({
      signingKey: signing.publicKey.uncompressed,
      encryptionKey: encryption.publicKey.uncompressed,
    })),
  });
}

/** The bank's answer. */
export function replyTo(request: wire.AgreementRequest, { envelopes }: SignedSession): wire.AgreementReply {
  return create(wire.AgreementReplySchema, {
    chainId: request.chainId,
    requestHash: requestHash(request),
    envelope: encodeEvidence(envelopes[1]!),
  });
}

/** The evidence of a session to which both have agreed. */
export async function agreedEvidence(session: SignedSession): Promise<Uint8Array> {
  const { lender, bank, envelopes } = session;
  const request = requestOf(session);
  const signed = async (said: AgreementWords, by: LocalParty): Promise<SignedMail> =>
    await signWords(encodeWords(said), by.signing);
  const asked = await signed({ case: "request", value: request }, lender);
  const answered = await signed({ case: "reply", value: replyTo(request, session) }, bank);
  const signatures = envelopes.flatMap((envelope) => envelope.signatures);
  return toBinary(
    wire.AgreementEvidenceSchema,
    create(wire.AgreementEvidenceSchema, {
      envelope: encodeEvidence({ ...envelopes[0]!, signatures }),
      request: signedMailMessage(asked),
      replies: [signedMailMessage(answered)],
    }),
  );
}

function bundleOf(roles: readonly Role[]): Uint8Array {
  const { file } = fromBinary(FileDescriptorSetSchema, fileDescriptorSet([StringValueSchema]));
  const files = Object.fromEntries(
    file.map((each) => [each.name, base64Encode(toBinary(FileDescriptorProtoSchema, each))]),
  );
  const typeName = StringValueSchema.typeName;
  const description = {
    ...{ className: "x.Echo", scopes: [SCOPE.name], participants: roles, records: [], files },
    functions: [
      {
        ...{ name: "echo", invokedBy: roles[0], inputs: [{ name: "text", typeName }], writes: "echoed", typeName },
        lineage: [],
      },
    ],
  };
  return utf8Encode(`${bundleHeaderLine("x.Echo")}let given;
export const describe = () => ${JSON.stringify(JSON.stringify(description))};
export const load = (index, payload) => { given = new Uint8Array(payload); };
export const call = () => given;
`);
}

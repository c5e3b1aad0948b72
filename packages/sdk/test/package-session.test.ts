import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  hashContent,
  metadataAddressToBytes,
  randomUuid,
  SHA256_TRUNCATED_FORM,
  scopeAddress,
  sessionAddress,
} from "@p8e/core";
import { generatePrivateKey, localKey, systemRandom } from "@p8e/crypto";
import * as metadata from "@p8e/proto/metadata";
import * as scope from "@p8e/proto/scope";
import { type Affiliate, affiliateOf } from "../src/session/affiliate.ts";
import { packageSession, recordsBefore, type SessionRequest } from "../src/session/package-session.ts";

const key = () => localKey(generatePrivateKey(systemRandom));
const affiliate = (): Affiliate => affiliateOf({ signing: key(), encryption: key() });
const { FACT, PROPOSED } = scope.DefinitionSpec_Type;
const { OWNER } = scope.PartyType;
const at = (classname: string) => ({ ref: { hash: hashContent(new Uint8Array()) }, classname });
const scopeUuid = randomUuid(systemRandom);
const sessionUuid = randomUuid(systemRandom);
const stored = hashContent(Uint8Array.of(1));

interface Specification {
  readonly inputSpecs?: MessageInitShape<typeof scope.DefinitionSpecSchema>[];
  readonly functionSpecs?: MessageInitShape<typeof scope.FunctionSpecSchema>[];
}

function requestOf(specification: Specification, change: Partial<SessionRequest> = {}): SessionRequest {
  const invoker = affiliate();
  const sessionId = metadataAddressToBytes(sessionAddress(scopeUuid, sessionUuid));
  const snapshot = create(metadata.ScopeResponseSchema, {
    scope: { scope: { scopeId: metadataAddressToBytes(scopeAddress(scopeUuid)) } },
    sessions: [{ session: { sessionId } }],
    records: [{ record: { name: "Terms", sessionId, process: { name: "pkg.Terms" }, outputs: [{ hash: stored }] } }],
  });
  return {
    contract: {
      hash: hashContent(new Uint8Array(), SHA256_TRUNCATED_FORM),
      specification: create(scope.ContractSpecSchema, {
        definition: { name: "Contract", resourceLocation: at("pkg.Contract") },
        partiesInvolved: [OWNER],
        ...specification,
      }),
    },
    scope: {
      ...{ kind: "existing", uuid: scopeUuid, specificationUuid: randomUuid(systemRandom), snapshot },
      ...{ owners: [invoker], dataAccess: [], formerParties: [] },
    },
    sessionUuid: randomUuid(systemRandom),
    executionUuid: randomUuid(systemRandom),
    invoker,
    participants: new Map([["OWNER", invoker]]),
    proposals: new Map(),
    dataAccess: [],
    startTime: timestampFromMs(0),
    expirationTime: timestampFromMs(1),
    mainNet: false,
    ...change,
  };
}

describe("packaging a session", () => {
  const terms = { inputSpecs: [{ name: "terms", resourceLocation: at("pkg.Terms"), type: FACT }] };

  it("finds a record whose name differs in case, as the ledger does", () => {
    const { envelope, inputs } = packageSession(requestOf(terms));
    assert.deepEqual(inputs, [{ name: "terms", hash: stored, className: "pkg.Terms" }]);
    assert.equal(envelope.contract?.inputs[0]?.name, "terms");
    assert.equal(envelope.contract?.inputs[0]?.dataLocation?.ref?.hash, stored);
  });

  it("knows what an output replaces, whatever the case of its name", () => {
    const { scope: of } = requestOf(terms);
    assert.deepEqual(recordsBefore(of, ["terms", "other"]), new Map([["terms", stored]]));
  });

  it("never adds to a session that is on the ledger: its evidence could not name the new records", () => {
    assert.throws(() => packageSession(requestOf(terms, { sessionUuid })), { code: "session.invalid" });
  });

  it("gives a proposal to the functions that take it, and not to one whose lineage has its name", () => {
    const input = (name: string, type: scope.DefinitionSpec_Type) => ({
      name,
      resourceLocation: at(`pkg.${name}`),
      type,
    });
    const request = requestOf(
      {
        functionSpecs: [
          { funcName: "a", inputSpecs: [input("loan", PROPOSED)], invokerParty: OWNER },
          { funcName: "b", inputSpecs: [input("loan", PROPOSED), input("note", PROPOSED)], invokerParty: OWNER },
          { funcName: "c", inputSpecs: [input("note", PROPOSED), input("loan", FACT)], invokerParty: OWNER },
        ],
      },
      {
        proposals: new Map([
          ["loan", { className: "pkg.loan", bytes: Uint8Array.of(1) }],
          ["note", { className: "pkg.note", bytes: Uint8Array.of(2) }],
        ]),
      },
    );
    const { envelope } = packageSession(request);
    assert.deepEqual(
      envelope.contract?.considerations.map((each) => each.inputs.map((one) => one.name)),
      [["loan"], ["loan", "note"], ["note"]],
    );
  });

  it("names everybody who may read once: invoker, participants, owners, data access old and new", () => {
    const [old, fresh] = [affiliate(), affiliate()];
    const request = requestOf(terms);
    const of = request.scope;
    assert.ok(of.kind === "existing");
    const { audience, envelope } = packageSession({
      ...request,
      scope: { ...of, dataAccess: [old, fresh] },
      dataAccess: [fresh, request.invoker],
    });
    assert.deepEqual(
      audience.map(String),
      [request.invoker, old, fresh].map((each) => String(each.encryptionKey)),
    );
    assert.equal(envelope.dataAccess.length, 3);
  });
});

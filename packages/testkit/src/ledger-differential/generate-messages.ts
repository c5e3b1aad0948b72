import { create } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { type Uuid, utf8Encode, uuidFromBytes } from "@p8e/core";
import * as cosmos from "@p8e/proto/cosmos";
import * as metadata from "@p8e/proto/metadata";
import {
  HASH,
  input,
  type PartyInit,
  recordBytes,
  scopeBytes,
  scopeText,
  sessionBytes,
  TYPE_NAME,
  writeContract,
  writeRecord,
  writeRecordSpecification,
  writeScope,
  writeScopeSpecification,
  writeSession,
} from "../ledger-conformance/messages.ts";
import { type Actor, packed } from "../ledger-conformance/transaction.ts";
import type { Cast } from "./cast.ts";
import type { Choice } from "./choice.ts";
import { address, allowance, amount, authorization, coins, messageType, moment, roles } from "./generate-values.ts";
import { uris } from "./uris.ts";

/** A message and who should sign it. */
export interface Sent {
  readonly signer: Actor;
  readonly message: Any;
}

type Generate = (choice: Choice, cast: Cast) => Sent;

const send: Generate = (choice, cast) => {
  const signer = choice.of(cast.people);
  return {
    signer,
    message: packed(cosmos.bank.MsgSendSchema, {
      fromAddress: choice.mostly(signer.address, [address(choice, cast, 1), signer.address.toUpperCase()], 12),
      toAddress: address(choice, cast),
      amount: choice.once(12) ? [{ denom: `nft/${scopeText(choice.of(cast.scopes))}`, amount: "1" }] : coins(choice),
    }),
  };
};

const multiSend: Generate = (choice, cast) => {
  const signer = choice.of(cast.people);
  const given = coins(choice);
  const outputs = Array.from({ length: choice.mostly(1, [0, 2]) }, () => ({
    address: address(choice, cast),
    coins: given,
  }));
  const from = { address: signer.address, coins: given };
  return {
    signer,
    message: packed(cosmos.bank.MsgMultiSendSchema, { inputs: choice.mostly([from], [[], [from, from]], 8), outputs }),
  };
};

const grant: Generate = (choice, cast) => {
  const signer = choice.of(cast.people);
  const expiration = moment(choice);
  return {
    signer,
    message: packed(cosmos.authz.MsgGrantSchema, {
      granter: choice.mostly(signer.address, [signer.address.toUpperCase()], 12),
      grantee: address(choice, cast),
      ...(choice.once(20)
        ? {}
        : {
            grant: {
              ...(choice.once(20) ? {} : { authorization: authorization(choice, cast) }),
              ...(expiration === undefined ? {} : { expiration }),
            },
          }),
    }),
  };
};

const revoke: Generate = (choice, cast) => {
  const signer = choice.of(cast.people);
  return {
    signer,
    message: packed(cosmos.authz.MsgRevokeSchema, {
      granter: signer.address,
      grantee: address(choice, cast),
      msgTypeUrl: messageType(choice),
    }),
  };
};

function inside(by: Actor, messages: readonly Any[]): Any {
  return packed(cosmos.authz.MsgExecSchema, { grantee: by.address, msgs: [...messages] });
}

const exec: Generate = (choice, cast) => {
  const signer = choice.of(cast.people);
  const inner = choice.of([send, send, send, multiSend, grant, scope, dataAccess, record])(choice, cast);
  if (choice.once(8)) {
    const mine = packed(cosmos.bank.MsgSendSchema, {
      fromAddress: signer.address,
      toAddress: signer.address,
      amount: [{ denom: "nhash", amount: "1" }],
    });
    let nested = inside(signer, [choice.once(2) ? inner.message : mine]);
    for (let depth = choice.below(12); depth > 0; depth--) nested = inside(signer, [nested]);
    return { signer, message: nested };
  }
  const odd = choice.of([
    [],
    [packed(cosmos.coin.CoinSchema, { denom: "nhash", amount: "1" })],
    [{ ...inner.message, typeUrl: "" }],
    [{ ...inner.message, typeUrl: "/nothing.Known" }],
    [{ ...inner.message, value: new Uint8Array([0xff]) }],
  ]);
  return { signer, message: inside(signer, choice.mostly([inner.message], [odd, [inner.message, inner.message]], 6)) };
};

const grantAllowance: Generate = (choice, cast) => {
  const signer = choice.of(cast.people);
  return {
    signer,
    message: packed(cosmos.feegrant.MsgGrantAllowanceSchema, {
      granter: choice.mostly(signer.address, [signer.address.toUpperCase()], 12),
      grantee: address(choice, cast),
      ...(choice.once(20) ? {} : { allowance: allowance(choice) }),
    }),
  };
};

const revokeAllowance: Generate = (choice, cast) => {
  const signer = choice.of(cast.people);
  return {
    signer,
    message: packed(cosmos.feegrant.MsgRevokeAllowanceSchema, {
      granter: signer.address,
      grantee: address(choice, cast),
    }),
  };
};

function parties(choice: Choice, cast: Cast, by: Actor): PartyInit[] {
  if (choice.once(12)) return [];
  const mine: PartyInit = { address: by.address, role: choice.mostly(metadata.PartyType.OWNER, roles, 8) };
  if (!choice.once(3)) return [mine];
  const other = { address: address(choice, cast), role: choice.of(roles), optional: choice.once(4) };
  return choice.once(3) ? [mine, mine] : [mine, other];
}

/** An id of the right kind, now and then of another or of none. */
function id(choice: Choice, usual: Uint8Array, cast: Cast): Uint8Array {
  const odd = [
    new Uint8Array(0),
    new Uint8Array(5),
    scopeBytes(choice.of(cast.scopes)),
    recordBytes(choice.of(cast.scopes)),
    cast.family.contract,
    cast.family.scopeSpecification,
    cast.fresh().slice(0, 17),
    utf8Encode(scopeText(choice.of(cast.scopes))),
    utf8Encode(scopeText(choice.of(cast.scopes)).toUpperCase()),
  ];
  return choice.mostly(usual, odd, 12);
}

function uuidText(choice: Choice, uuid: Uuid): string {
  return choice.of([
    uuid,
    uuid.toUpperCase(),
    `{${uuid}}`,
    `urn:uuid:${uuid}`,
    uuid.replaceAll("-", ""),
    "x",
    ` ${uuid}`,
  ]);
}

/** Somebody else's signature is missing now and then. */
function signersOf(choice: Choice, cast: Cast, by: Actor): Actor[] {
  return choice.mostly([by], [[], [by, by]], 15).concat(choice.once(30) ? [choice.of(cast.people)] : []);
}

const scope: Generate = (choice, cast) => {
  const signer = choice.of(cast.people);
  const uuid = choice.mostly(choice.of(cast.scopes), [uuidFromBytes(cast.fresh().slice(0, 16))], 3);
  const built = writeScope(cast.family, uuid, parties(choice, cast, signer), signersOf(choice, cast, signer), {
    scopeId: id(choice, scopeBytes(uuid), cast),
    specificationId: id(choice, cast.family.scopeSpecification, cast),
    dataAccess: choice.once(3) ? [address(choice, cast), ...choice.some([address(choice, cast)], 1)] : [],
    valueOwnerAddress: choice.once(2) ? address(choice, cast) : "",
    requirePartyRollup: choice.once(5),
  });
  return { signer, message: built };
};

const scopeByUuid: Generate = (choice, cast) => {
  const signer = choice.of(cast.people);
  const uuid = choice.of(cast.scopes);
  return {
    signer,
    message: packed(metadata.MsgWriteScopeRequestSchema, {
      ...(choice.once(15)
        ? {}
        : {
            scope: {
              scopeId: choice.once(3) ? id(choice, scopeBytes(uuid), cast) : new Uint8Array(0),
              specificationId: cast.family.scopeSpecification,
              owners: parties(choice, cast, signer).map((party) => ({ ...party })),
            },
          }),
      scopeUuid: uuidText(choice, uuid),
      usdMills: choice.of([0n, 0n, 5n, 2n ** 63n, 2n ** 64n - 1n]),
      signers: [signer.address],
    }),
  };
};

const dataAccess: Generate = (choice, cast) => {
  const signer = choice.of(cast.people);
  const schema = choice.of([
    metadata.MsgAddScopeDataAccessRequestSchema,
    metadata.MsgDeleteScopeDataAccessRequestSchema,
  ]);
  const listed = choice.once(10) ? [] : [address(choice, cast), ...choice.some([address(choice, cast)], 1)];
  return {
    signer,
    message: packed(schema, {
      scopeId: id(choice, scopeBytes(choice.of(cast.scopes)), cast),
      dataAccess: listed,
      signers: [signer.address],
    }),
  };
};

const owners: Generate = (choice, cast) => {
  const signer = choice.of(cast.people);
  const scopeId = id(choice, scopeBytes(choice.of(cast.scopes)), cast);
  if (choice.once(2)) {
    const owners = choice.once(10) ? [] : [address(choice, cast), ...choice.some([address(choice, cast)], 1)];
    return {
      signer,
      message: packed(metadata.MsgDeleteScopeOwnerRequestSchema, { scopeId, owners, signers: [signer.address] }),
    };
  }
  const added = parties(choice, cast, choice.of(cast.people)).map((party) => ({ ...party }));
  return {
    signer,
    message: packed(metadata.MsgAddScopeOwnerRequestSchema, { scopeId, owners: added, signers: [signer.address] }),
  };
};

const values: Generate = (choice, cast) => {
  const signer = choice.of(cast.people);
  const scopeIds = Array.from({ length: choice.mostly(1, [0, 2]) }, () =>
    id(choice, scopeBytes(choice.of(cast.scopes)), cast),
  );
  switch (choice.below(4)) {
    case 0:
      return {
        signer,
        message: packed(metadata.MsgUpdateValueOwnersRequestSchema, {
          scopeIds,
          valueOwnerAddress: address(choice, cast),
          signers: [signer.address],
        }),
      };
    case 1:
      return {
        signer,
        message: packed(metadata.MsgMigrateValueOwnerRequestSchema, {
          existing: choice.mostly(signer.address, [address(choice, cast, 2)], 3),
          proposed: address(choice, cast),
          signers: [signer.address],
        }),
      };
    case 2:
      return {
        signer,
        message: packed(metadata.MsgSetAccountDataRequestSchema, {
          metadataAddr: id(choice, scopeBytes(choice.of(cast.scopes)), cast),
          value: choice.of([
            "",
            "some data",
            "é".repeat(4000),
            "x".repeat(10_000),
            "x".repeat(10_001),
            "é".repeat(6000),
          ]),
          signers: [signer.address],
        }),
      };
    default: {
      const price = () => ({ denom: choice.of(["usd", "usd", "nhash", "nothing", "u", ""]), amount: amount(choice) });
      const value = () => ({
        ...(choice.once(10) ? {} : { price: price() }),
        volume: choice.mostly(1n, [0n, 5n], 4),
        updatedBlockHeight: choice.mostly(0n, [7n], 12),
      });
      return {
        signer,
        message: packed(metadata.MsgAddNetAssetValuesRequestSchema, {
          scopeId: choice.mostly(
            scopeText(choice.of(cast.scopes)),
            ["", "x", choice.of(cast.scopes), scopeText(cast.scopes[0]).toUpperCase()],
            8,
          ),
          netAssetValues: choice.mostly([value()], [[], [value(), value()]], 6),
          signers: [signer.address],
        }),
      };
    }
  }
};

const deletion: Generate = (choice, cast) => {
  const signer = choice.of(cast.people);
  const signers = [signer.address];
  switch (choice.below(4)) {
    case 0:
      return {
        signer,
        message: packed(metadata.MsgDeleteScopeRequestSchema, {
          scopeId: id(choice, scopeBytes(cast.scopes[2]), cast),
          signers,
        }),
      };
    case 1:
      return {
        signer,
        message: packed(metadata.MsgDeleteRecordRequestSchema, {
          recordId: id(choice, recordBytes(choice.of(cast.scopes)), cast),
          signers,
        }),
      };
    case 2:
      return {
        signer,
        message: packed(
          choice.of([
            metadata.MsgDeleteScopeSpecificationRequestSchema,
            metadata.MsgDeleteContractSpecificationRequestSchema,
            metadata.MsgDeleteRecordSpecificationRequestSchema,
          ]),
          { specificationId: id(choice, cast.fresh().slice(0, 17), cast), signers },
        ),
      };
    default:
      return {
        signer,
        message: packed(
          choice.of([
            metadata.MsgAddContractSpecToScopeSpecRequestSchema,
            metadata.MsgDeleteContractSpecFromScopeSpecRequestSchema,
          ]),
          {
            contractSpecificationId: id(choice, cast.family.contract, cast),
            scopeSpecificationId: id(choice, cast.family.scopeSpecification, cast),
            signers,
          },
        ),
      };
  }
};

const session: Generate = (choice, cast) => {
  const signer = choice.of(cast.people);
  const [uuid, run] = [choice.of(cast.scopes), choice.of(cast.sessions)];
  const message = writeSession(cast.family, uuid, run, parties(choice, cast, signer), signersOf(choice, cast, signer), {
    sessionId: id(choice, sessionBytes(uuid, run), cast),
    specificationId: id(choice, cast.family.contract, cast),
    name: choice.mostly("io.p8e.test.Contract", ["", " ", "other"], 6),
    ...(choice.once(6) ? { audit: { message: "m".repeat(choice.of([3, 200, 201])), version: 9 } } : {}),
  });
  return { signer, message };
};

const record: Generate = (choice, cast) => {
  const signer = choice.of(cast.people);
  const [uuid, run] = [choice.of(cast.scopes), choice.of(cast.sessions)];
  const inputs = choice.mostly(
    [input()],
    [
      [],
      [input(), input()],
      [input({ name: "" })],
      [input({ typeName: "other" })],
      [input({ source: { case: "hash", value: "" } })],
      [input({ source: { case: "recordId", value: id(choice, recordBytes(uuid), cast) }, status: 2 })],
      [input({ status: 0 })],
      [input({ status: 9 as metadata.RecordInputStatus })],
    ],
    4,
  );
  const output = (status: number, hash = HASH) =>
    create(metadata.RecordOutputSchema, { hash, status: status as metadata.ResultStatus });
  const outputs = choice.mostly(
    [output(1)],
    [[], [output(1, "")], [output(2, "")], [output(0)], [output(9)], [output(1), output(1)]],
    5,
  );
  const processed = { processId: { case: "hash" as const, value: HASH }, name: TYPE_NAME, method: "record" };
  const message = writeRecord(uuid, run, signersOf(choice, cast, signer), {
    name: choice.mostly("name", ["", " ", "Name", " name ", "other", "ǅ", "İ"], 6),
    sessionId: id(choice, sessionBytes(uuid, run), cast),
    specificationId: choice.once(4) ? id(choice, cast.family.recordSpecification, cast) : new Uint8Array(0),
    inputs,
    outputs,
    ...(choice.once(8)
      ? {
          process: choice.of([
            {},
            { ...processed, name: "" },
            { ...processed, method: "" },
            { ...processed, processId: { case: "hash", value: "" } },
            { ...processed, processId: { case: "address", value: "x" } },
          ]),
        }
      : {}),
  });
  return { signer, message };
};

const specification: Generate = (choice, cast) => {
  const signer = choice.of(cast.people);
  const fresh = cast.fresh();
  const [own, other] = [new Uint8Array([3, ...fresh.slice(0, 16)]), new Uint8Array([4, ...fresh.slice(0, 16)])];
  const description = choice.once(3)
    ? {
        description: {
          name: choice.of(["", "name", "n".repeat(200), "n".repeat(201), "é".repeat(150)]),
          description: choice.of(["", "d", "d".repeat(5000), "d".repeat(5001)]),
          websiteUrl: choice.of(["", "https://x", "ftp://x", "x", "data:,", "httpshttp://"]),
          iconUrl: choice.of(["", "http://x", `http://${"x".repeat(2048)}`]),
        },
      }
    : {};
  const involved = {
    partiesInvolved: choice.mostly(
      [metadata.PartyType.OWNER],
      [
        [],
        [...roles],
        [metadata.PartyType.OWNER, metadata.PartyType.OWNER],
        [metadata.PartyType.GENERIC_1],
        [99 as metadata.PartyType],
      ],
      6,
    ),
  };
  const ownerAddresses = choice.mostly(
    [signer.address],
    [[], [address(choice, cast)], [signer.address, signer.address]],
    6,
  );
  switch (choice.below(3)) {
    case 0:
      return {
        signer,
        message: writeContract(id(choice, choice.mostly(own, [cast.family.contract]), cast), [signer], [signer], {
          ...description,
          ...involved,
          ownerAddresses,
          className: choice.mostly("io.p8e.test.Contract", ["", "c".repeat(1000), "c".repeat(1001)], 6),
          source: choice.of([
            { case: "hash", value: HASH },
            { case: "hash", value: HASH },
            { case: "hash", value: "" },
            { case: undefined },
            { case: "resourceId", value: id(choice, scopeBytes(cast.scopes[0]), cast) },
          ]),
        }),
      };
    case 1:
      return {
        signer,
        message: writeScopeSpecification(
          id(choice, choice.mostly(other, [cast.family.scopeSpecification]), cast),
          choice.mostly([cast.family.contract], [[], [own], [cast.family.contract, cast.family.contract]]),
          [signer],
          [signer],
          {
            ...description,
            ...involved,
            ownerAddresses,
          },
        ),
      };
    default:
      return {
        signer,
        message: writeRecordSpecification(id(choice, cast.family.recordSpecification, cast), [signer], {
          name: choice.mostly("name", ["", "Name", " name ", "x", "n".repeat(201)], 4),
          typeName: choice.mostly(TYPE_NAME, ["", "t".repeat(1001)], 8),
          resultType: choice.mostly(1, [0, 2, 3, 9], 6) as metadata.DefinitionType,
          responsibleParties: choice.mostly([metadata.PartyType.OWNER], [[], [...roles]], 8),
          inputs: choice.mostly(
            [{ name: "in", typeName: TYPE_NAME, source: { case: "hash" as const, value: HASH } }],
            [
              [],
              [{ name: "", typeName: TYPE_NAME, source: { case: "hash" as const, value: HASH } }],
              [{ name: "in", typeName: TYPE_NAME, source: { case: undefined } }],
            ],
            6,
          ),
        }),
      };
  }
};

const locator: Generate = (choice, cast) => {
  const signer = choice.of(cast.people);
  const schema = choice.of([
    metadata.MsgBindOSLocatorRequestSchema,
    metadata.MsgModifyOSLocatorRequestSchema,
    metadata.MsgModifyOSLocatorRequestSchema,
    metadata.MsgDeleteOSLocatorRequestSchema,
  ]);
  const content = {
    owner: choice.mostly(signer.address, [signer.address.toUpperCase()], 12),
    locatorUri: choice.of(uris),
    encryptionKey: choice.once(3) ? address(choice, cast, 2) : "",
  };
  return { signer, message: packed(schema, choice.once(20) ? {} : { locator: content }) };
};

const kinds: readonly Generate[] = [
  send,
  send,
  multiSend,
  grant,
  grant,
  revoke,
  exec,
  exec,
  grantAllowance,
  grantAllowance,
  revokeAllowance,
  scope,
  scope,
  scopeByUuid,
  dataAccess,
  owners,
  values,
  values,
  deletion,
  session,
  record,
  specification,
  specification,
  locator,
  locator,
  locator,
];

/** Some message that somebody of the cast might send, right or not. */
export function someMessage(choice: Choice, cast: Cast): Sent {
  return choice.of(kinds)(choice, cast);
}

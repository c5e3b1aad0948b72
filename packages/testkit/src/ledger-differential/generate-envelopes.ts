import { create } from "@bufbuild/protobuf";
import { type Any, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { concatBytes } from "@p8e/core";
import * as cosmos from "@p8e/proto/cosmos";
import { packed } from "../ledger-conformance/transaction.ts";
import { addressesLike, type Cast } from "./cast.ts";
import type { Choice } from "./choice.ts";
import { amounts } from "./generate-values.ts";
import type { TransactionStep } from "./step.ts";

/** How a transaction can be odd whatever its messages say. */
type Oddity = (choice: Choice, cast: Cast) => Partial<TransactionStep> & { readonly what: string };

function any(typeUrl: string, value: Uint8Array = new Uint8Array(0)): Any {
  return { $typeName: "google.protobuf.Any", typeUrl, value };
}

const feeTexts: Oddity = (choice) => {
  const text = choice.of([...amounts, "0x2e90edd000", "0600000000000", "200_000_000_000", "+200000000000"]);
  const denom = choice.mostly("nhash", ["usd", "", "nhash ", "a"], 6);
  return {
    what: `a fee of ${text.slice(0, 40)} ${denom}`,
    alter: (_, { fee }) => {
      fee!.amount = [create(cosmos.coin.CoinSchema, { denom, amount: text })];
    },
  };
};

const feeCoins: Oddity = (choice) => {
  const nhash = { denom: "nhash", amount: "200000000000" };
  const given = choice.of([
    [],
    [nhash, nhash],
    [nhash, { denom: "another", amount: "1" }],
    [{ denom: "another", amount: "1" }, nhash],
    [{ denom: "another", amount: "0" }, nhash],
    [nhash, { denom: "zero", amount: "0" }],
    [{ denom: "nhash", amount: "1" }],
    [{ denom: "nhash", amount: "9999999999999999999999" }],
  ]);
  return {
    what: `fee coins ${JSON.stringify(given)}`,
    alter: (_, { fee }) => {
      fee!.amount = given.map((coin) => create(cosmos.coin.CoinSchema, coin));
    },
  };
};

const gas: Oddity = (choice) => {
  const limit = choice.of([
    0n,
    1n,
    50_000n,
    500_000n,
    4_000_000n,
    4_000_001n,
    60_000_001n,
    2n ** 63n - 1n,
    2n ** 63n,
    2n ** 64n - 1n,
    "fee",
    "1905",
    "9525",
    "19050",
  ] as const);
  return {
    what: `a gas limit of ${limit}`,
    alter: (_, { fee }) => {
      if (typeof limit === "bigint") fee!.gasLimit = limit;
      else if (limit === "fee") fee!.gasLimit = BigInt(fee!.amount[0]?.amount ?? "0");
      else {
        const price = BigInt(limit);
        fee!.gasLimit = 200_000n;
        fee!.amount = [create(cosmos.coin.CoinSchema, { denom: "nhash", amount: String(200_000n * price) })];
      }
    },
  };
};

const payer: Oddity = (choice, cast) => {
  const [, other] = cast.people;
  const text = choice.of([other.address, cast.stranger.address, ...addressesLike(other.address)]);
  return {
    what: `a fee payer "${text}"`,
    alter: (_, { fee }) => {
      fee!.payer = text;
    },
  };
};

const granter: Oddity = (choice, cast) => {
  const other = choice.of([...cast.people, cast.silent, cast.stranger]);
  const text = choice.mostly(other.address, addressesLike(other.address), 2);
  return {
    what: `a fee granter "${text}"`,
    alter: (_, { fee }) => {
      fee!.granter = text;
    },
  };
};

const memo: Oddity = (choice) => {
  const text = choice.of(["m".repeat(256), "m".repeat(257), "é".repeat(128), "é".repeat(129), "\u0000"]);
  return {
    what: `a memo of ${text.length}`,
    alter: (body) => {
      body.memo = text;
    },
  };
};

const timeoutHeight: Oddity = (choice) => {
  const later = choice.of([-1_000_000n, -1n, 1_000n]);
  return {
    what: `a timeout height ${later} blocks from now`,
    alterFor: async (world) => {
      const height = (await world.height()) + later;
      return (body) => {
        body.timeoutHeight = height < 1n ? 1n : height;
      };
    },
  };
};

const timeoutTime: Oddity = (choice) => {
  const laterMs = choice.of([-3_600_000, 60_000, 200_000, 3_600_000]);
  const unordered = choice.once(2);
  const isOrdered = choice.once(4);
  return {
    what: `${unordered ? "unordered, with" : "with"} a timeout ${laterMs} ms from now${isOrdered ? " and its sequence" : ""}`,
    alterFor: async (world) => {
      const timeMs = (await world.timeMs()) + laterMs;
      return (body, authInfo) => {
        body.timeoutTimestamp = timestampFromMs(timeMs);
        body.unordered = unordered;
        if (unordered && !isOrdered) for (const info of authInfo.signerInfos) info.sequence = 0n;
      };
    },
  };
};

const unorderedWithout: Oddity = (choice) => {
  const timeout = choice.of([
    undefined,
    { seconds: 0n, nanos: 0 },
    { seconds: 0n, nanos: 5 },
    { seconds: -62_135_596_800n, nanos: 0 },
  ]);
  return {
    what: `unordered with the timeout ${timeout?.seconds}`,
    alter: (body, authInfo) => {
      body.unordered = true;
      if (timeout !== undefined) body.timeoutTimestamp = { $typeName: "google.protobuf.Timestamp", ...timeout };
      for (const info of authInfo.signerInfos) info.sequence = 0n;
    },
  };
};

const sequence: Oddity = (choice) => {
  const more = choice.of([-1n, 1n, 7n]);
  return {
    what: `a sequence ${more} off`,
    alter: (_, { signerInfos }) => {
      for (const info of signerInfos) info.sequence = BigInt.asUintN(64, info.sequence + more);
    },
  };
};

const signerInfos: Oddity = (choice, { people }) => {
  const how = choice.of([
    "none",
    "twice",
    "without a key",
    "without a mode",
    "key of another type",
    "garbage key",
    "ed25519 key",
    "another's key",
    "no key type",
  ]);
  const other = choice.of(people).key.publicKey.compressed;
  const key = new Uint8Array(choice.of([0, 5, 33]));
  return {
    what: `signer infos: ${how}`,
    alter: (_, authInfo) => {
      const [info] = authInfo.signerInfos;
      if (info === undefined) return;
      if (how === "none") authInfo.signerInfos = [];
      else if (how === "twice") authInfo.signerInfos = [info, info];
      else if (how === "without a key") delete info.publicKey;
      else if (how === "without a mode") delete info.modeInfo;
      else if (how === "key of another type") info.publicKey = packed(cosmos.bank.MsgSendSchema, {});
      else if (how === "garbage key") info.publicKey = packed(cosmos.secp256k1.PubKeySchema, { key });
      else if (how === "ed25519 key")
        info.publicKey = any(
          "/cosmos.crypto.ed25519.PubKey",
          new Uint8Array([0x0a, 32, ...new Uint8Array(32).fill(9)]),
        );
      else if (how === "another's key") {
        info.publicKey = packed(cosmos.secp256k1.PubKeySchema, { key: other });
      } else info.publicKey = any("");
    },
  };
};

const signatures: Oddity = (choice) => {
  const how = choice.of(["none", "twice", "empty", "short", "flipped", "zeros"]);
  return {
    what: `signatures: ${how}`,
    alterSignatures: (given) => {
      const [first = new Uint8Array(0)] = given;
      if (how === "none") return [];
      if (how === "twice") return [first, first];
      if (how === "empty") return [new Uint8Array(0)];
      if (how === "short") return [first.slice(0, 10)];
      if (how === "zeros") return [new Uint8Array(64)];
      return [first.map((byte, index) => (index === 5 ? byte ^ 1 : byte))];
    },
  };
};

const extensions: Oddity = (choice) => {
  const option = choice.of([
    any(""),
    any("/nothing.Known"),
    any("nothing"),
    packed(cosmos.bank.MsgSendSchema, {}),
    packed(cosmos.coin.CoinSchema, { denom: "nhash", amount: "1" }),
    packed(cosmos.secp256k1.PubKeySchema, {}),
    packed(cosmos.authz.GenericAuthorizationSchema, { msg: "x" }),
    packed(cosmos.feegrant.BasicAllowanceSchema, {}),
    packed(cosmos.tx.TxBodySchema, {}),
  ]);
  const isCritical = choice.once(2);
  return {
    what: `${isCritical ? "a critical" : "an uncritical"} extension "${option.typeUrl}"`,
    alter: (body) => {
      if (isCritical) body.extensionOptions = [option];
      else body.nonCriticalExtensionOptions = [option];
    },
  };
};

const typeUrls: Oddity = (choice) => {
  const url = choice.of([
    "",
    "/",
    "x",
    "/x",
    "cosmos.bank.v1beta1.MsgSend",
    "/cosmos.bank.v1beta1.MsgSendResponse",
    "type.googleapis.com/cosmos.bank.v1beta1.MsgSend",
    "//cosmos.bank.v1beta1.MsgSend",
    "/cosmos.bank.v1beta1.Output",
    "/cosmos.base.v1beta1.Coin",
    "/cosmos.authz.v1beta1.GenericAuthorization",
    "/cosmos.crypto.secp256k1.PubKey",
    "/cosmos.tx.v1beta1.Tx",
    "/google.protobuf.Any",
    "/provenance.metadata.v1.MsgWriteScopeResponse",
    "/provenance.metadata.v1.Scope",
  ]);
  const isEmpty = choice.once(2);
  return {
    what: `a message of type "${url}"${isEmpty ? " and no content" : ""}`,
    alter: (body) => {
      const [message] = body.messages;
      if (message === undefined) return;
      message.typeUrl = url;
      if (isEmpty) message.value = new Uint8Array(0);
    },
  };
};

const messageBytes: Oddity = (choice) => {
  const extra = choice.of([
    [0xfa, 0x01, 0x00],
    [0xf8, 0x01, 0x05],
    [0x82, 0x40, 0x00],
    [0x08],
    [0x08, 0x05],
    [0x0a, 0xff],
    [0xff, 0xff],
    [0x0b, 0x0c],
    [0x00, 0x00],
  ]);
  return {
    what: `a message with the bytes ${extra.map((byte) => byte.toString(16)).join(" ")} behind it`,
    alter: (body) => {
      const [message] = body.messages;
      if (message !== undefined) message.value = concatBytes(message.value, new Uint8Array(extra));
    },
  };
};

const envelopeBytes: Oddity = (choice) => {
  const how = choice.of([
    "field behind it",
    "field 4 behind it",
    "cut",
    "nothing",
    "zero",
    "body again",
    "long length",
  ]);
  return {
    what: `transaction bytes: ${how}`,
    alterBytes: (bytes) => {
      if (how === "field behind it") return concatBytes(bytes, new Uint8Array([0xfa, 0x01, 0x00]));
      if (how === "field 4 behind it") return concatBytes(bytes, new Uint8Array([0x22, 0x00]));
      if (how === "cut") return bytes.slice(0, -3);
      if (how === "nothing") return new Uint8Array([0x0a, 0x00]);
      if (how === "zero") return new Uint8Array([0]);
      if (how === "body again") return concatBytes(bytes, new Uint8Array([0x0a, 0x00]));
      return concatBytes(bytes.slice(0, 1), new Uint8Array([bytes[1]! | 0x80, 0x00]), bytes.slice(2));
    },
  };
};

const bodyFields: Oddity = (choice) => {
  const how = choice.of(["no messages", "no fee", "a tip"]);
  return {
    what: how,
    alter: (body, authInfo) => {
      if (how === "no messages") body.messages = [];
      else if (how === "no fee") delete authInfo.fee;
      else authInfo.$unknown = [{ no: 3, wireType: 2, data: new Uint8Array([0]) }];
    },
  };
};

const otherModes: Oddity = (choice) => {
  const mode = choice.of([0, 2, 127, 200]) as cosmos.tx.SignMode;
  return {
    what: `sign mode ${mode}`,
    alter: (_, { signerInfos }) => {
      for (const info of signerInfos) {
        info.modeInfo = create(cosmos.tx.ModeInfoSchema, { sum: { case: "single", value: { mode } } });
      }
    },
  };
};

const otherChain: Oddity = (choice) => {
  const chainId = choice.of(["other", ""]);
  return { what: `signed for the chain "${chainId}"`, chainId };
};

const oddities: readonly Oddity[] = [
  feeTexts,
  feeTexts,
  feeCoins,
  gas,
  payer,
  granter,
  granter,
  memo,
  timeoutHeight,
  timeoutTime,
  unorderedWithout,
  sequence,
  signerInfos,
  signatures,
  extensions,
  typeUrls,
  typeUrls,
  messageBytes,
  envelopeBytes,
  bodyFields,
  otherModes,
  otherChain,
];

/** Something that makes a transaction odd. */
export function someOddity(choice: Choice, cast: Cast): Partial<TransactionStep> & { readonly what: string } {
  return choice.of(oddities)(choice, cast);
}

import { create } from "@bufbuild/protobuf";
import { type Any, type Duration, DurationSchema, timestampFromMs } from "@bufbuild/protobuf/wkt";
import * as cosmos from "@p8e/proto/cosmos";
import * as metadata from "@p8e/proto/metadata";
import { packed } from "../ledger-conformance/transaction.ts";
import { addressesLike, type Cast } from "./cast.ts";
import type { Choice } from "./choice.ts";

/** A coin as a message carries it. */
export interface CoinText {
  readonly denom: string;
  readonly amount: string;
}

/** Amounts that are decimal numbers, and texts that Go reads as numbers, or nearly. */
export const amounts = [
  "0",
  "-1",
  "010",
  "0x10",
  "0X1f",
  "0b11",
  "0o17",
  "1_000",
  "+5",
  "-0",
  "008",
  "abc",
  "1.5",
  "1e3",
  " 5",
  "5 ",
  "",
  "_1",
  "1__0",
  "0_7",
  "0x_1",
  "0x",
  "00",
  "९",
  "9".repeat(77),
  "9".repeat(78),
  "9".repeat(100),
  (2n ** 256n - 1n).toString(),
  (2n ** 256n).toString(),
  `-${2n ** 255n}`,
  `0x${"f".repeat(64)}`,
  `${"0".repeat(90)}5`,
  `+${"1_".repeat(30)}1`,
] as const;

const denominations = [
  "usd",
  "NHASH",
  "nhash ",
  "a",
  "ab",
  "",
  "n!ash",
  "1hash",
  "nft/x",
  "x".repeat(128),
  "x".repeat(129),
];

/** An amount, usually a small number. */
export function amount(choice: Choice): string {
  return choice.mostly(String(1 + choice.below(1000)), amounts);
}

/** A coin, right or odd. */
export function coin(choice: Choice): CoinText {
  return { denom: choice.mostly("nhash", denominations, 8), amount: amount(choice) };
}

/** What a message may carry as coins. */
export function coins(choice: Choice): CoinText[] {
  switch (choice.below(10)) {
    case 0:
      return [];
    case 1:
      return [coin(choice), coin(choice)];
    case 2:
      return [
        { denom: "nhash", amount: "5" },
        { denom: "anothercoin", amount: "5" },
      ];
    case 3:
      return [
        { denom: "nhash", amount: "5" },
        { denom: "nhash", amount: "5" },
      ];
    default:
      return [coin(choice)];
  }
}

/** The account of somebody, now and then written otherwise than usual. */
export function address(choice: Choice, cast: Cast, often = 6): string {
  const someone = choice.of([...cast.people, cast.people[1], cast.silent, cast.stranger]);
  return choice.mostly(someone.address, addressesLike(someone.address), often);
}

/** The types of messages that authorizations are made for. */
export const messageTypes = [
  "/cosmos.bank.v1beta1.MsgSend",
  "/cosmos.bank.v1beta1.MsgMultiSend",
  "/cosmos.authz.v1beta1.MsgExec",
  "/provenance.metadata.v1.MsgWriteScopeRequest",
  "/provenance.metadata.v1.MsgWriteSessionRequest",
  "/provenance.metadata.v1.MsgWriteRecordRequest",
  "/provenance.metadata.v1.MsgAddScopeDataAccessRequest",
] as const;

const oddTypes = [
  "",
  "/",
  "x",
  "/cosmos.bank.v1beta1.MsgNothing",
  "cosmos.bank.v1beta1.MsgSend",
  "/cosmos.bank.v1beta1.MsgSendResponse",
];

/** The type of a message, usually one that exists. */
export function messageType(choice: Choice): string {
  return choice.mostly(choice.of(messageTypes), oddTypes, 8);
}

/** An authorization, right or odd. */
export function authorization(choice: Choice, cast: Cast): Any {
  switch (choice.below(8)) {
    case 0:
    case 1:
    case 2:
      return packed(cosmos.authz.GenericAuthorizationSchema, { msg: messageType(choice) });
    case 3:
    case 4:
      return packed(cosmos.authz.CountAuthorizationSchema, {
        msg: messageType(choice),
        allowedAuthorizations: choice.mostly(1 + choice.below(3), [0, -1], 6),
      });
    case 5:
    case 6:
      return sendAuthorization(coins(choice), choice.once(3) ? [address(choice, cast)] : []);
    default:
      return choice.of([
        packed(cosmos.feegrant.BasicAllowanceSchema, {}),
        packed(cosmos.bank.MsgSendSchema, {}),
        packed(cosmos.coin.CoinSchema, { denom: "nhash", amount: "1" }),
      ]);
  }
}

/** `cosmos.bank.v1beta1.SendAuthorization`. */
export function sendAuthorization(limit: readonly CoinText[], allowed: readonly string[] = []): Any {
  return packed(cosmos.bank.SendAuthorizationSchema, { spendLimit: [...limit], allowList: [...allowed] });
}

/** A moment that has passed long ago, one far away, or none. */
export function moment(choice: Choice): { seconds: bigint; nanos: number } | undefined {
  switch (choice.below(5)) {
    case 0:
      return timestampFromMs(Date.UTC(2020, 0, 1));
    case 1:
      return timestampFromMs(Date.UTC(2200, 0, 1));
    case 2:
      return choice.of([
        { seconds: 0n, nanos: 0 },
        { seconds: -62_135_596_800n, nanos: 0 },
        { seconds: 253_402_300_799n, nanos: 0 },
      ]);
    default:
      return undefined;
  }
}

/** A duration, usually an hour. */
export function duration(choice: Choice): Duration | undefined {
  const seconds = choice.mostly(3600n, [0n, -1n, 1n, 315_576_000_000n], 3);
  return choice.once(10) ? undefined : create(DurationSchema, { seconds, nanos: 0 });
}

/** A fee allowance, right or odd. */
export function allowance(choice: Choice, depth = 0): Any {
  const expiration = moment(choice);
  const basic = {
    spendLimit: choice.once(3) ? coins(choice) : [],
    ...(expiration === undefined ? {} : { expiration }),
  };
  switch (choice.below(depth > 1 ? 5 : 9)) {
    case 0:
    case 1:
      return packed(cosmos.feegrant.BasicAllowanceSchema, basic);
    case 2:
    case 3: {
      const period = duration(choice);
      const periodReset = moment(choice);
      return packed(cosmos.feegrant.PeriodicAllowanceSchema, {
        ...(choice.once(8) ? {} : { basic }),
        ...(period === undefined ? {} : { period }),
        periodSpendLimit: choice.once(8)
          ? []
          : choice.once(3)
            ? coins(choice)
            : [{ denom: "nhash", amount: "900000000000" }],
        periodCanSpend: choice.once(3) ? coins(choice) : [{ denom: "nhash", amount: "900000000000" }],
        ...(periodReset === undefined ? {} : { periodReset }),
      });
    }
    case 4:
      return choice.of([
        packed(cosmos.authz.GenericAuthorizationSchema, { msg: "/cosmos.bank.v1beta1.MsgSend" }),
        packed(cosmos.bank.MsgSendSchema, {}),
        { $typeName: "google.protobuf.Any" as const, typeUrl: "", value: new Uint8Array(0) },
        { $typeName: "google.protobuf.Any" as const, typeUrl: "/nothing.Known", value: new Uint8Array(0) },
      ]);
    default:
      return packed(cosmos.feegrant.AllowedMsgAllowanceSchema, {
        ...(choice.once(6) ? {} : { allowance: allowance(choice, depth + 1) }),
        allowedMessages: choice.once(6) ? [] : [...choice.some(messageTypes, 3), "/cosmos.bank.v1beta1.MsgSend"],
      });
  }
}

const { PartyType } = metadata;
/** Roles, known ones and numbers that are none. */
export const roles: readonly metadata.PartyType[] = [
  PartyType.OWNER,
  PartyType.OWNER,
  PartyType.SERVICER,
  PartyType.INVESTOR,
  PartyType.PROVENANCE,
  PartyType.GENERIC_1,
  PartyType.UNSPECIFIED,
  9 as metadata.PartyType,
  99 as metadata.PartyType,
];

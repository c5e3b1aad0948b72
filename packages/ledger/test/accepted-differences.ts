import type { Difference } from "@p8e/testkit";

/** A row of `docs/protocol/ledger-differences.md`, and how the differential test knows it. */
export interface AcceptedDifference {
  readonly what: string;
  readonly here: string;
  readonly node: string;
  /** Left out where generated messages and queries do not meet it, or nothing of it is compared. */
  readonly covers?: (difference: Difference) => boolean;
}

/** The fee collector's account on networks whose accounts begin with `tp`. */
const FEE_COLLECTOR = "tp17xpfvakm2amg962yls6f84z3kell8c5l2udfyt";

/** All of the page's rows, in its order; `ledger-differences.test.ts` holds that they are the same. */
export const acceptedDifferences: readonly AcceptedDifference[] = [
  {
    what: "messages of other modules (governance, staking, markers, names, contracts, ...), and grants for them",
    here: '`sdk/6`, "not supported by the embedded ledger"',
    node: "run",
  },
  {
    what: "authorizations of other modules (to stake, of markers and contracts)",
    here: "`undefined/1` with a sentence",
    node: "accepted",
  },
  {
    what: "queries of other services, search by events",
    here: "`UNIMPLEMENTED` with a sentence",
    node: "answer",
  },
  {
    what: "multi-signature keys, other sign modes than DIRECT",
    here: "`undefined/1` with a sentence",
    node: "accepted",
    covers: ({ what, here }) => /sign mode/.test(what) && here.broadcast === "undefined/1",
  },
  {
    what: "coins to or from the fee coin's marker",
    here: "`undefined/1` with a sentence",
    node: "the marker's rules",
  },
  { what: "gas used", here: "computed from counts and sizes, within about a third", node: "measured" },
  { what: "block and header hashes, votes", here: "tied to the content, but not a validator's", node: "consensus" },
  { what: "empty blocks", here: "counted, not stored", node: "stored" },
  {
    what: "a fee allowance in the first block after its expiration",
    here: "gone, `sdk/38`",
    node: "`feegrant/3`, removed at that block's end",
  },
  {
    what: "state of past heights",
    here: "the last 1,000 blocks with transactions, gone after a restart",
    node: "by pruning settings",
  },
  { what: "key of the next page", here: "opaque, of another form", node: "opaque" },
  {
    what: "fees that were paid",
    here: "stay with the fee collector",
    node: "go on to validators and stakers with each block",
    covers: ({ what, here, node }) =>
      what.includes(FEE_COLLECTOR) && here.answer === node.answer && here.value !== node.value,
  },
  { what: "a page of more than 10,000", here: "10,000, and the key of the next", node: "as asked for" },
  { what: "more than 1,000 addresses in `GetByAddr`", here: "`UNKNOWN` with a sentence", node: "answers" },
  {
    what: "a page limit of 2^64 - 1 in lists of grants and allowances",
    here: "everything",
    node: "may be an empty page",
    covers: ({ what, here, node }) =>
      /18446744073709551615/.test(what) && here.answer === node.answer && here.value !== node.value,
  },
];

/** Whether a row of the page covers the difference. */
export function isAccepted(difference: Difference): boolean {
  return acceptedDifferences.some(({ covers }) => covers?.(difference) === true);
}

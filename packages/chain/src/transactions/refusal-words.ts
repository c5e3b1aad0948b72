import type { TransactionErrorKind } from "./transaction-error-kind.ts";

/** What a node's refusal means for a person: what is wrong, and what to do where that is known. */
export interface RefusalWords {
  /** Follows "the ledger refused the transaction: ". Absent where the node's words say something that is not known here. */
  readonly says?: string;
  readonly hint?: string;
}

/** In words, with the accounts, roles and addresses that the node named. */
export function refusalWords(kind: TransactionErrorKind, facts: Readonly<Record<string, unknown>>): RefusalWords {
  const named = (name: string) => {
    const list = facts[name];
    return Array.isArray(list) && list.length > 0 ? listed(list.map(String)) : undefined;
  };
  const addresses = named("missingAddresses") ?? named("addresses");
  const ids = named("ids");
  switch (kind) {
    case "MissingSignature":
      return {
        says: `it lacks the signature of ${addresses ?? "a party"}`,
        hint: "Who must sign is asked by a session that several sign: p8e contract execute with --participant.",
      };
    case "MissingValueOwnerSignature":
      return {
        says: `the scope's value is held by ${addresses ?? "somebody else"}, who must sign too`,
        hint: "Who holds the value hands it on: p8e scope transfer.",
      };
    case "MissingRoleSignature":
      return { says: `nobody has signed for ${named("missingRoles") ?? "a role"}` };
    case "MissingRole":
      return { says: `it names nobody for ${named("missingRoles") ?? "a role that the specification wants"}` };
    case "PartyNotOwner":
      return {
        says: "a party of the session is no owner of the scope",
        hint: "Parties of a session are among the scope's owners, in the same roles.",
      };
    case "SilentAccount":
      return {
        says: `${addresses ?? "an account"} has never signed, so the chain takes it for a smart contract`,
        hint: "p8e account introduce sends an account's first transaction.",
      };
    case "BadRole":
      return { says: `${addresses ?? "an account"} cannot have the role PROVENANCE: it is no smart contract` };
    case "NotFound":
      return { says: `it does not have ${ids ?? "what the transaction names"}` };
    case "SpecNotAllowed":
      return {
        says: `the scope's specification does not allow the contract ${ids === undefined ? "" : `(${ids})`}`.trim(),
      };
    case "RecordShape":
      return { says: "a record has other inputs or outputs than its specification" };
    case "Immutable":
      return { says: "it would change what can never be changed" };
    case "InUse":
      return { says: "what it would delete is still in use" };
    case "SequenceMismatch":
      return { says: "another transaction of the account came first" };
    case "FeeStyle":
      return { says: "its fee is of the old style, a multiple of its gas" };
    case "InsufficientFunds":
      return {
        says: "an account has too little for what it sends or pays",
        hint: "p8e account show tells what it has.",
      };
    case "InsufficientFee":
      return { says: "its fee is too low" };
    case "FeeGrant":
      return {
        says: "no fee allowance covers it",
        hint: "Who pays for others grants an allowance that is large enough.",
      };
    case "Authorization":
      return { says: "a party's leave for it is not there, or used up", hint: "Each party gives it when it signs." };
    case "UnknownAccount":
      return { says: "the account does not exist on this chain yet", hint: "Somebody sends it money first." };
    case "BadSignature":
      return { says: "a signature does not fit the account", hint: "Check the chain id and the key of the profile." };
    case "TimeoutHeight":
      return { says: "the block that it could be in at most has passed" };
    case "AlreadyInMempool":
      return { says: "it has it already" };
    case "MempoolFull":
      return { says: "too many transactions wait there" };
    case "OutOfGas":
      return { says: "it ran out of gas" };
    case "GasLimit":
      return { says: "its gas limit is higher than a block allows" };
    case "TooLarge":
      return { says: "it is too large" };
    case "Panic":
    case "Other":
      return {};
  }
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

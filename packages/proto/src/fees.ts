// What a transaction costs: `flat` where the ledger has a price list, `perMessage` for the older question.
export * as flat from "./flat-fees.ts";
export * as perMessage from "./gen/provenance/msgfees/v1/query_pb.ts";

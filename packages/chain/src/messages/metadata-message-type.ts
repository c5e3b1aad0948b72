/** The messages of provenance.metadata.v1 that parties of a scope sign, as the service names them. */
export type MetadataMessageName =
  | "WriteScope"
  | "DeleteScope"
  | "AddScopeDataAccess"
  | "DeleteScopeDataAccess"
  | "AddScopeOwner"
  | "DeleteScopeOwner"
  | "UpdateValueOwners"
  | "WriteSession"
  | "WriteRecord"
  | "DeleteRecord"
  | "SetAccountData"
  | "AddNetAssetValues";

/** The type of a message as transactions and grants name it. */
export function metadataMessageType(name: MetadataMessageName): string {
  return `/provenance.metadata.v1.Msg${name}Request`;
}

/**
 * The type whose grants also stand in for a missing signature under this message, if there is one
 * (provenance: x/metadata/keeper/signers.go, getAuthzMessageTypeURLs). One way only: a grant for records writes no session.
 */
export function coveringMessage(name: MetadataMessageName): MetadataMessageName | undefined {
  switch (name) {
    case "AddScopeDataAccess":
    case "DeleteScopeDataAccess":
    case "AddScopeOwner":
    case "DeleteScopeOwner":
      return "WriteScope";
    case "WriteRecord":
      return "WriteSession";
    default:
      return undefined;
  }
}

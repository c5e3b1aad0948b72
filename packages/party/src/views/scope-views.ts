import { metadataAddressFromBytes } from "@p8e/core";
import { type Party, PartyTypeSchema } from "@p8e/proto/metadata";
import { evidenceHashOf, type ScopeSnapshot } from "@p8e/sdk/scopes";

/** A scope as programs see it: what the ledger says, in text. */
export interface ScopeView {
  readonly scope: string;
  readonly specification: string;
  /** Accounts. */
  readonly owners: readonly string[];
  /** As what each owner is one: a party that is several things stands there several times. */
  readonly ownerRoles: readonly PartyRoleView[];
  readonly dataAccess: readonly string[];
  /** Empty when nobody owns its value. */
  readonly valueOwner: string;
  readonly sessions: readonly SessionView[];
  readonly records: readonly RecordView[];
}

/** A party of a scope or session, and its role there. */
export interface PartyRoleView {
  readonly address: string;
  /** `OWNER`, `SERVICER` …; a number where the ledger names none that p8e knows. */
  readonly role: string;
}

/** One execution of a contract on the scope. */
export interface SessionView {
  readonly session: string;
  /** Java class name of the contract. */
  readonly contract: string;
  readonly parties: readonly string[];
  /** Who took which role. */
  readonly partyRoles: readonly PartyRoleView[];
  /** Hash of the executed and signed contract; undefined for a session of other software. */
  readonly evidence: string | undefined;
}

/** A named result. */
export interface RecordView {
  readonly name: string;
  /** Java class name of its type. */
  readonly type: string | undefined;
  /** Function that made it. */
  readonly method: string | undefined;
  readonly session: string;
  /** Hashes of the objects. */
  readonly outputs: readonly string[];
  /** Each with its hash, or with the address of the record that it is. */
  readonly inputs: readonly { readonly name: string; readonly source: string | undefined }[];
}

/** A scope as it was read from the ledger. */
export function scopeView(scope: ScopeSnapshot): ScopeView {
  return {
    scope: scope.address,
    specification: metadataAddressFromBytes(scope.response.scope!.scope!.specificationId),
    owners: [...new Set(scope.owners)],
    ownerRoles: scope.response.scope!.scope!.owners.map(partyRole),
    dataAccess: scope.dataAccess,
    valueOwner: scope.valueOwner,
    sessions: scope.sessions.map((session) => ({
      session: metadataAddressFromBytes(session.sessionId),
      contract: session.name,
      parties: [...new Set(session.parties.map((party) => party.address))],
      partyRoles: session.parties.map(partyRole),
      evidence: evidenceHashOf(session.context),
    })),
    records: scope.records.map((record) => ({
      name: record.name,
      type: record.process?.name,
      method: record.process?.method,
      session: metadataAddressFromBytes(record.sessionId),
      outputs: record.outputs.map((output) => output.hash),
      inputs: record.inputs.map(({ name, source }) => ({ name, source: textOf(source.value) })),
    })),
  };
}

function partyRole({ address, role }: Party): PartyRoleView {
  return { address, role: PartyTypeSchema.value[role]?.localName ?? String(role) };
}

function textOf(source: string | Uint8Array | undefined): string | undefined {
  return source instanceof Uint8Array ? metadataAddressFromBytes(source) : source;
}

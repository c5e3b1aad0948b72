import { Agreements } from "./agreement/agreements.ts";
import { checkApprovers } from "./agreement/consent.ts";
import type { PartyParts } from "./parts.ts";
import { Publisher } from "./publish/publisher.ts";
import { Reader } from "./read/reader.ts";
import { Scopes } from "./scope/scopes.ts";
import { Sessions } from "./session/sessions.ts";

/** One party's side of contracts: it publishes, runs sessions, and reads what came of them. */
export class P8eClient {
  readonly parts: PartyParts;
  readonly publisher: Publisher;
  readonly sessions: Sessions;
  /** Sessions that several parties sign. */
  readonly agreements: Agreements;
  readonly reader: Reader;
  readonly scopes: Scopes;

  /** @throws `configuration.invalid` when approvers are no several people */
  constructor(parts: PartyParts) {
    const { approvers, party } = parts;
    if (approvers !== undefined) {
      checkApprovers(approvers, [party.signing.publicKey, party.encryption.publicKey]);
    }
    this.parts = parts;
    this.publisher = new Publisher(parts);
    this.sessions = new Sessions(parts);
    this.scopes = new Scopes(parts);
    this.agreements = new Agreements(parts);
    this.reader = new Reader({ ...parts, key: parts.party.encryption });
  }
}

// Compile-time rules of sessions. This file is never run: `tsc` checks it, and an unused @ts-expect-error is an error.
import type { TransactionCost } from "@p8e/chain";
import { greet, type Person } from "@p8e/example-hello";
import type { ExecutedSession, PreparedSession, PricedSession, SessionScope, Sessions } from "@p8e/sdk";

export async function stages(
  sessions: Sessions,
  scope: SessionScope,
  person: Person,
  cost: TransactionCost,
): Promise<void> {
  const participants = new Map();
  const contract = await sessions.find(greet, scope);
  const prepared: PreparedSession = await sessions.prepare({ contract, scope, participants, proposals: { person } });
  const executed: ExecutedSession = await sessions.execute(prepared);
  const priced: PricedSession = await sessions.price(executed);
  await sessions.memorialize(priced);

  // @ts-expect-error what has not run has no price
  await sessions.price(prepared);
  // @ts-expect-error what has no price is not written
  await sessions.memorialize(executed);
  // @ts-expect-error a price is what the node said
  await sessions.memorialize({ executed, cost });
  // @ts-expect-error only preparing checks
  await sessions.execute({ contract, packaged: prepared.packaged, executionUuid: prepared.executionUuid });

  // @ts-expect-error an input has its own type
  await sessions.prepare({ contract, scope, participants, proposals: { person: "Ada" } });
  // @ts-expect-error no function takes an input of this name
  await sessions.prepare({ contract, scope, participants, proposals: { nobody: person } });
  // @ts-expect-error a contract is found before a session is prepared
  await sessions.prepare({ contract: "example.hello.Greet", scope, participants, proposals: { person } });

  const byName = await sessions.find("example.hello.Greet", scope);
  await sessions.prepare({ contract: byName, scope, participants, proposals: { person: new Uint8Array() } });
  // @ts-expect-error without the contract's types a proposal is bytes
  await sessions.prepare({ contract: byName, scope, participants, proposals: { person } });
}

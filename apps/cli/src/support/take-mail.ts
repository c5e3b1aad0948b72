import { P8eError } from "@p8e/core";
import type { OpenParty } from "@p8e/party";
import { partyOfAddress } from "@p8e/party";
import type { P8eClient } from "@p8e/sdk";
import type { CommandContext } from "../command-context.ts";

/**
 * Takes in what waits for the party, and does what is due, in front of the person's eyes. A mail that can have no effect
 * stays where it is and is told of: the rest is not held up by it.
 */
export async function takeMail(context: CommandContext, party: OpenParty): Promise<P8eClient> {
  const { screen, signal } = context;
  const [client, store, keys] = [await party.client(), await party.store(), await party.keys()];
  const titleOf = (address: string) => partyOfAddress(party.profile, address)?.title ?? address;
  for (const mail of await store.mail(keys.encryption, { signal })) {
    try {
      const effect = await client.agreements.receive(mail, { signal });
      if (effect.kind === "asked") screen.say(`${titleOf(effect.by)} asks for a signature: ${effect.execution}`);
      if (effect.kind === "signed") screen.say(`${titleOf(effect.by)} has signed ${effect.execution}`);
      if (effect.kind === "refused") screen.warn(`${titleOf(effect.by)} refuses ${effect.execution}: ${effect.reason}`);
      if (effect.kind === "ended") screen.say(`${effect.execution} is ${effect.outcome}`);
    } catch (thrown) {
      const { code, message } = P8eError.from(thrown);
      if (code === "rpc.cancelled") throw thrown;
      screen.warn(`a mail was left where it is: ${message} (${code})`);
      continue;
    }
    await store.acknowledge(mail.uuid, keys.encryption.publicKey, { signal });
  }
  const { resumed, failures } = await client.agreements.settle({ signal });
  for (const { execution, session, error } of resumed) {
    if (session) screen.say(`${screen.style("green", "✔")} written to the ledger: ${session.scope}`);
    else screen.warn(`${execution.uuid} is ${execution.state}: ${error?.message}`);
  }
  for (const { execution, error } of failures) screen.warn(`${execution} must wait: ${error.message}`);
  return client;
}

import { type OpenParty, partyOfAddress } from "@p8e/party";
import { type P8eClient, takeIn } from "@p8e/sdk";
import type { CommandContext } from "../command-context.ts";
import { textOf } from "./listen.ts";

/** Takes in what waits for the party, and does what is due, in front of the person's eyes; mail that is no good is set aside. */
export async function takeMail({ screen, signal }: CommandContext, party: OpenParty): Promise<P8eClient> {
  const client = await party.client();
  const named = (address: string) => partyOfAddress(party.profile, address)?.title ?? address;
  for await (const news of takeIn(client, { signal })) {
    const text = textOf(news, named);
    if (text !== undefined) screen.say(text);
  }
  return client;
}

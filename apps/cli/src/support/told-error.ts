import { isP8eError } from "@p8e/core";
import { type LocatedProfile, type SaidElsewhere, tellWhose } from "@p8e/party/profile";

/** What looks like an account in a sentence. */
const ACCOUNT_LIKE = /1[02-9ac-hj-np-z]{38}/;

/** An error as the profile's party understands it: whose server it was, and which parties it names. */
export async function toldError(thrown: unknown, located: LocatedProfile, said: SaidElsewhere): Promise<unknown> {
  const told = tellWhose(thrown, located, said);
  if (!isP8eError(told) || !ACCOUNT_LIKE.test(`${told.message} ${told.hint ?? ""}`)) return told;
  const { tellParties } = await import("@p8e/party");
  return tellParties(told, located.profile);
}

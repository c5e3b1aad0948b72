/** What a person calls an account or a key: a party's title, or the text itself. */
export type Named = (text: string) => string;

/** `Lender as OWNER and SERVICER`: each party once, with all that it is. */
export function partiesInRoles(
  parties: readonly { readonly address: string; readonly role: string }[],
  named: Named,
): readonly string[] {
  const rolesOf = new Map<string, string[]>();
  for (const { address, role } of parties) rolesOf.set(address, [...(rolesOf.get(address) ?? []), role]);
  return [...rolesOf].map(([address, roles]) => `${named(address)} as ${allOf(roles)}`);
}

/** `OWNER, SERVICER and INVESTOR`. */
export function allOf(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

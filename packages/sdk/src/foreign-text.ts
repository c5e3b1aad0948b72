/**
 * Somebody else's words as one line for people: no control character, none that changes the direction or hides what
 * stands beside it, and no more than `max` characters.
 */
export function foreignText(text: string, max = 500): string {
  // More than can stay is not even looked at.
  const line = text
    .slice(0, max * 4)
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]+/gu, " ")
    .replace(/\s+/gu, " ")
    .trim();
  const characters = [...line];
  return characters.length <= max && text.length <= max * 4 ? line : `${characters.slice(0, max - 1).join("")}…`;
}

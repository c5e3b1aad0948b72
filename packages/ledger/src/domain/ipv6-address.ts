const GROUPS = 8;

/** Whether the text is an IPv6 address with at most one zone behind a percent sign, as Go's net/netip reads it. */
export function isIpv6Address(text: string): boolean {
  const percent = text.indexOf("%");
  if (percent === text.length - 1 && percent >= 0) return false;
  const address = percent < 0 ? text : text.slice(0, percent);
  if (!address.includes(":") || (percent < 0 && /^[^:]*\./.test(address))) return false;
  const [left = "", right, ...more] = address.split("::");
  if (more.length > 0) return false;
  if (right === undefined) return countOf(left, true) === GROUPS;
  const count =
    (left === "" ? 0 : (countOf(left, false) ?? GROUPS)) + (right === "" ? 0 : (countOf(right, true) ?? GROUPS));
  return count < GROUPS;
}

/** How many groups of 16 bits: the last may be an IPv4 address, which is two. Undefined for what is none. */
function countOf(text: string, mayEndInIpv4: boolean): number | undefined {
  const parts = text.split(":");
  let count = 0;
  for (const [index, part] of parts.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(part)) count += 1;
    else if (mayEndInIpv4 && index === parts.length - 1 && isIpv4Address(part)) count += 2;
    else return undefined;
  }
  return count;
}

/** Four numbers up to 255 without leading zeros. */
function isIpv4Address(text: string): boolean {
  const parts = text.split(".");
  return parts.length === 4 && parts.every((part) => /^(?:0|[1-9][0-9]{0,2})$/.test(part) && Number(part) <= 255);
}

import { utf8Encode } from "@p8e/core";
import { isIpv6Address } from "./ipv6-address.ts";

/** What a node reads in the text of a URI, as far as rules ask for it. */
export interface GoUrl {
  /** In lower case; empty for a relative URI. */
  readonly scheme: string;
  /** With its port, and without escapes; empty without an authority. */
  readonly host: string;
  /** Written anew, as the node keeps it. */
  readonly text: string;
}

/** Characters of each part that are written as they are, beside letters, digits and `-_.~`. */
const plain = {
  host: "!$&'()*+,;=:[]<>\"",
  user: "$&+,;=",
  path: "$&+,/:;=@",
  fragment: "$&+,/:;=?@!()*",
} as const;

type Part = keyof typeof plain;

/**
 * Reads a URI by the rules of Go's net/url, Parse and String, of the version that the node is built with. Vectors made by
 * a Go program hold it (`vectors/go-url.json`).
 * @returns undefined for what Go refuses
 */
export function parseGoUrl(uri: string | Uint8Array): GoUrl | undefined {
  try {
    return parse(bytesOf(uri));
  } catch (error) {
    if (error === INVALID) return undefined;
    throw error;
  }
}

const INVALID = new Error("no URL");

function refuse(): never {
  throw INVALID;
}

/** One character for each byte, of a text each of its UTF-8. */
function bytesOf(given: string | Uint8Array): string {
  const bytes = typeof given === "string" ? utf8Encode(given) : given;
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

/** What is no UTF-8 becomes replacement characters: it is compared with nothing that has been kept. */
function textOf(bytes: string): string {
  return new TextDecoder().decode(Uint8Array.from(bytes, (character) => character.charCodeAt(0)));
}

function cut(text: string, separator: string): [string, string] {
  const index = text.indexOf(separator);
  return index < 0 ? [text, ""] : [text.slice(0, index), text.slice(index + 1)];
}

function parse(uri: string): GoUrl {
  const [reference, rawFragment] = cut(uri, "#");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\x00-\x1f\x7f]/.test(reference)) refuse();
  const fragment = rawFragment === "" ? "" : `#${rewritten(rawFragment, "fragment")}`;
  if (reference === "*") return { scheme: "", host: "", text: textOf(`*${fragment}`) };
  const { scheme, rest } = splitScheme(reference);
  const [hierarchy, query] = splitQuery(rest);
  const prefix = scheme === "" ? "" : `${scheme}:`;
  const done = (host: string, middle: string) => ({
    scheme,
    host: textOf(host),
    text: textOf(`${prefix}${middle}${query}${fragment}`),
  });
  if (!hierarchy.startsWith("/")) {
    if (scheme !== "") return done("", hierarchy);
    if (cut(hierarchy, "/")[0].includes(":")) refuse();
  }
  const hasAuthority = hierarchy.startsWith("//") && (scheme !== "" || !hierarchy.startsWith("///"));
  if (!hasAuthority) return done("", pathAlone(rewritten(hierarchy, "path"), scheme));
  const end = hierarchy.indexOf("/", 2);
  const authority = hierarchy.slice(2, end < 0 ? undefined : end);
  const path = rewritten(end < 0 ? "" : hierarchy.slice(end), "path");
  const { user, host } = parseAuthority(authority);
  const isNamed = host !== "" || user !== undefined;
  // An authority without a host is written where a path follows it.
  const slashes = isNamed || (scheme !== "" && path !== "") ? "//" : "";
  const named = `${slashes}${user === undefined ? "" : `${user}@`}${escaped(host, "host")}`;
  return done(host, named === "" ? pathAlone(path, scheme) : `${named}${path}`);
}

/** A relative path whose first segment would look like a scheme is told apart. */
function pathAlone(path: string, scheme: string): string {
  return scheme === "" && cut(path, "/")[0].includes(":") ? `./${path}` : path;
}

function splitScheme(text: string): { scheme: string; rest: string } {
  if (text.startsWith(":")) refuse();
  const scheme = /^([a-zA-Z][a-zA-Z0-9+\-.]*):/.exec(text)?.[1];
  return scheme === undefined
    ? { scheme: "", rest: text }
    : { scheme: scheme.toLowerCase(), rest: text.slice(scheme.length + 1) };
}

/** The query stays as it was written, with its question mark; an empty one is left out unless it is all there is. */
function splitQuery(text: string): [string, string] {
  if (text.endsWith("?") && text.indexOf("?") === text.length - 1) return [text.slice(0, -1), "?"];
  const [before, query] = cut(text, "?");
  return [before, query === "" ? "" : `?${query}`];
}

function parseAuthority(authority: string): { user: string | undefined; host: string } {
  const at = authority.lastIndexOf("@");
  const host = parseHost(authority.slice(at + 1));
  return { host, user: at < 0 ? undefined : parseUser(authority.slice(0, at)) };
}

function parseUser(given: string): string {
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(given)) refuse();
  const colon = given.indexOf(":");
  const name = escaped(unescaped(colon < 0 ? given : given.slice(0, colon)), "user");
  return colon < 0 ? name : `${name}:${escaped(unescaped(given.slice(colon + 1)), "user")}`;
}

/** Host and port without escapes. */
function parseHost(given: string): string {
  const bracket = given.lastIndexOf("[");
  if (bracket > 0) refuse();
  if (bracket === 0) return parseBracketed(given);
  // Colons before the last are part of the name, as in lists of hosts.
  const colon = given.lastIndexOf(":");
  if (colon >= 0) requirePort(given.slice(colon));
  return unescapedHost(given);
}

function parseBracketed(given: string): string {
  const close = given.lastIndexOf("]");
  if (close < 0) refuse();
  const port = given.slice(close + 1);
  requirePort(port);
  const inside = given.slice(1, close);
  const zone = inside.indexOf("%25");
  const address =
    zone < 0 ? unescapedHost(inside) : unescapedHost(inside.slice(0, zone)) + unescapedZone(inside.slice(zone));
  if (!isIpv6Address(address)) refuse();
  return `[${address}]${port}`;
}

function requirePort(port: string): void {
  if (!/^(?::[0-9]*)?$/.test(port)) refuse();
}

/** A host may escape bytes that are no ASCII, and a percent sign. */
function unescapedHost(given: string): string {
  requirePlainHost(given);
  return unescaped(given, (triplet, byte) => byte >= 0x80 || triplet === "%25");
}

/** A zone may escape what a host may have as it is, a space and a percent sign. */
function unescapedZone(given: string): string {
  requirePlainHost(given);
  return unescaped(given, (triplet, byte) => triplet === "%25" || byte === 0x20 || isPlain(byte, "host"));
}

function requirePlainHost(given: string): void {
  for (let index = 0; index < given.length; index++) {
    const byte = given.charCodeAt(index);
    if (byte < 0x80 && byte !== 0x25 && !isPlain(byte, "host")) refuse();
  }
}

function unescaped(given: string, mayEscape: (triplet: string, byte: number) => boolean = () => true): string {
  return given.replace(/%(.{0,2})/gs, (triplet, digits: string) => {
    if (!/^[0-9a-fA-F]{2}$/.test(digits)) refuse();
    const byte = Number.parseInt(digits, 16);
    if (!mayEscape(triplet, byte)) refuse();
    return String.fromCharCode(byte);
  });
}

function isPlain(byte: number, part: Part): boolean {
  const character = String.fromCharCode(byte);
  return /[A-Za-z0-9\-_.~]/.test(character) || plain[part].includes(character);
}

function escaped(given: string, part: Part): string {
  let text = "";
  for (let index = 0; index < given.length; index++) {
    const byte = given.charCodeAt(index);
    text += isPlain(byte, part) ? given[index] : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return text;
}

/** Beside those that are written plain, these are kept where they stand in a path or a fragment. */
const KEPT = "!$&'()*+,;=:@[]%";

/** As it was written where that escapes all that must be, else escaped anew. */
function rewritten(given: string, part: "path" | "fragment"): string {
  const content = unescaped(given);
  for (let index = 0; index < given.length; index++) {
    if (KEPT.includes(given[index]!) || isPlain(given.charCodeAt(index), part)) continue;
    return content === "*" && part === "path" ? "*" : escaped(content, part);
  }
  return given;
}

import { P8eError } from "@p8e/core";
import type * as objectStore from "@p8e/proto/object-store";

/** A registration whose form is right. */
export interface CheckedPublicKeyRequest {
  readonly rawKey: Uint8Array;
  readonly url: string;
  /** `header:value` with the header in lower case; null when none was given. */
  readonly authData: string | null;
}

/**
 * Checks in the reference server's order, with its sentences.
 * @throws `input.invalid`
 */
export function checkPublicKeyRequest(request: objectStore.PublicKeyRequest): CheckedPublicKeyRequest {
  if (request.publicKey === undefined) throw refuse("must specify public key");
  const { key } = request.publicKey;
  if (key.case === undefined) throw refuse("must specify key type");
  let authData: string | null = null;
  if (request.impl.case === "headerAuth") {
    const { header, value } = request.impl.value;
    if (header.trim() === "") throw refuse("must specify non empty auth header");
    if (value.trim() === "") throw refuse("must specify non empty auth value");
    authData = `${header.toLowerCase()}:${value}`;
  }
  if (request.url !== "" && !URL.canParse(request.url)) {
    throw refuse(`Unable to parse url ${request.url} - ${urlProblem(request.url)}`);
  }
  return { rawKey: key.value, url: request.url, authData };
}

const specialSchemes = new Set(["http", "https", "ws", "wss", "ftp"]);

/** The name that the reference's URL parser has for why a text is no URL. */
function urlProblem(text: string): string {
  const scheme = /^[\s\0]*([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return "RelativeUrlWithoutBase";
  const rest = text.trim().slice(scheme.length + 1);
  const authority = /^[/\\]*([^/\\?#]*)/.exec(rest)?.[1] ?? "";
  const hostAndPort = authority.slice(authority.lastIndexOf("@") + 1);
  const port = /:([^:\]]*)$/.exec(hostAndPort)?.[1];
  const host = port === undefined ? hostAndPort : hostAndPort.slice(0, -port.length - 1);
  if (host === "") return "EmptyHost";
  if (port !== undefined && port !== "" && !(/^\d+$/.test(port) && Number(port) <= 65_535)) return "InvalidPort";
  if (host.startsWith("[")) return "InvalidIpv6Address";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are among the characters that no host may have
  if (/[\u0000-\u0020#%/:<>?@[\\\]^|\u007f]/.test(host)) return "InvalidDomainCharacter";
  if (specialSchemes.has(scheme) && /(^|\.)(\d+|0x[0-9a-f]*)\.?$/i.test(host)) return "InvalidIpv4Address";
  return "IdnaError";
}

function refuse(message: string): P8eError {
  return new P8eError("input.invalid", message);
}

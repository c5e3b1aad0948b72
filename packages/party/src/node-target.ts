import { resolve } from "node:path";
import { P8eError, utf8Decode } from "@p8e/core";
import { readRegularFile } from "@p8e/machine";
import type { ClientTlsSource } from "@p8e/rpc";
import type { Profile } from "./profile/profile.ts";
import { clientTlsOf } from "./store-target.ts";

/** A bundle of every authority there is has a quarter of it. */
const AUTHORITY_BYTES_MAX = 1024 * 1024;

/** A node's URL, with the authority to trust where it is not the system's. */
export interface NodeTarget {
  readonly url: string;
  /** PEM. */
  readonly certificateAuthority?: string;
  /** The authority and the client's certificate, where the profile names one. */
  readonly tls?: ClientTlsSource;
}

/** The part of a located profile that says which node to ask; paths in it begin at `folder`. */
export interface LocatedNode {
  readonly profile: Pick<Profile, "network" | "node">;
  readonly folder: string;
}

/**
 * Where the profile's node is: with the profile's own authority, else with the network's when the node is the network's.
 * @throws `configuration.invalid` when the authority's file cannot be read
 */
export async function nodeTarget({ profile, folder }: LocatedNode): Promise<NodeTarget> {
  const { node, network } = profile;
  const url = withPort(node.url);
  const tls = node.clientCertificateFile === undefined ? undefined : await clientTlsOf(node, folder);
  const own = tls === undefined ? {} : { tls };
  if (node.certificateAuthorityFile === undefined) {
    const authority = network.endpoint?.url === node.url ? network.endpoint.certificateAuthority : undefined;
    return { url, ...own, ...(authority === undefined ? {} : { certificateAuthority: authority }) };
  }
  const file = resolve(folder, node.certificateAuthorityFile);
  try {
    return { url, ...own, certificateAuthority: utf8Decode(await readRegularFile(file, AUTHORITY_BYTES_MAX)) };
  } catch (cause) {
    throw new P8eError("configuration.invalid", `the node's certificate authority cannot be read: ${file}`, {
      facts: { file, field: "node.certificateAuthority" },
      cause,
    });
  }
}

/** The usual ports of a node where the URL has none. */
export function withPort(text: string): string {
  const bare = text.replace(/\/$/, "");
  if (/:\d{1,5}$/.test(bare)) return bare;
  return bare.startsWith("grpcs:") ? `${bare}:443` : `${bare}:9090`;
}

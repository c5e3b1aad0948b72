import { resolve } from "node:path";
import type { ClientTlsSource } from "@p8e/rpc";
import type { LocatedProfile, ProfileTls } from "./profile/profile.ts";

/** What a client of the party's own store needs to connect to it. */
export interface StoreTarget {
  readonly url: string;
  readonly tls?: ClientTlsSource;
}

/** Where the profile's store is, with its own authority and certificate. Files are read when a connection is made. */
export async function storeTarget({
  profile,
  folder,
}: Pick<LocatedProfile, "profile" | "folder">): Promise<StoreTarget> {
  const url = profile.party.storeUrl;
  const tls = await clientTlsOf(profile.store, folder);
  return tls === undefined ? { url } : { url, tls };
}

/** Undefined where the profile says nothing of TLS: then the system's authorities count. */
export async function clientTlsOf(tls: ProfileTls, folder: string): Promise<ClientTlsSource | undefined> {
  const { certificateAuthorityFile: ca, clientCertificateFile: cert, clientKeyFile: key } = tls;
  if (ca === undefined && cert === undefined) return undefined;
  const { clientTlsFromFiles } = await import("@p8e/rpc");
  return clientTlsFromFiles({
    ...(ca === undefined ? {} : { ca: resolve(folder, ca) }),
    ...(cert === undefined || key === undefined ? {} : { cert: resolve(folder, cert), key: resolve(folder, key) }),
  });
}

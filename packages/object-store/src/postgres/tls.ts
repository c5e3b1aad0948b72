import { readFileSync } from "node:fs";
import { connect } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { P8eError } from "@p8e/core";
import type { ServerDatabase } from "../configuration.ts";

const sslRequest = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/**
 * What the driver needs for the wanted mode. The driver knows only "TLS" and "no TLS", so for `prefer` the server is
 * asked first, as libpq does.
 * @throws `configuration.invalid` when the root certificate cannot be read
 */
export async function tlsOptions(database: ServerDatabase): Promise<ConnectionOptions | false> {
  const { mode, rootCertificatePath } = database.tls;
  if (database.host.startsWith("/") || mode === "disable" || mode === "allow") return false;
  const ca = rootCertificatePath === undefined ? undefined : readCertificate(rootCertificatePath);
  switch (mode) {
    case "prefer":
      return (await offersTls(database.host, database.port)) ? { rejectUnauthorized: false } : false;
    case "require":
      // libpq's rule: naming a root certificate turns "require" into "verify-ca".
      return ca ? { ca, checkServerIdentity: () => undefined } : { rejectUnauthorized: false };
    case "verify-ca":
      return { ...(ca ? { ca } : {}), checkServerIdentity: () => undefined };
    case "verify-full":
      return ca ? { ca } : {};
  }
}

/** False also when the server cannot be reached: the driver's own attempt then gives the better error. */
function offersTls(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const finish = (offered: boolean) => {
      socket.destroy();
      resolve(offered);
    };
    socket.setTimeout(5000, () => finish(false));
    socket.once("connect", () => socket.write(sslRequest));
    socket.once("data", (answer) => finish(answer[0] === 0x53));
    socket.once("error", () => finish(false));
    socket.once("close", () => finish(false));
  });
}

function readCertificate(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new P8eError("configuration.invalid", "PGSSLROOTCERT cannot be read", { cause });
  }
}

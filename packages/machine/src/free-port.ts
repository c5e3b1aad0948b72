import { randomInt } from "node:crypto";
import { createServer } from "node:net";
import { P8eError } from "@p8e/core";

/**
 * Where ports are chosen: below those that Linux (32768 and up), macOS and Windows (49152 and up) give to connections.
 * One chosen among those can be a connection's own end a moment later, before its server listens.
 */
const FIRST = 20_000;
const END = 32_768;
const TRIES = 100;

/** A port on 127.0.0.1 that nobody uses just now, and that no connection is given by chance: the given one if it is free. */
export async function freePort(wanted?: number): Promise<number> {
  if (wanted !== undefined && (await isFree(wanted))) return wanted;
  for (let tries = 0; tries < TRIES; tries++) {
    const port = randomInt(FIRST, END);
    if (await isFree(port)) return port;
  }
  throw new P8eError("environment.unsupported", `none of ${TRIES} ports tried on 127.0.0.1 is free`, {
    facts: { first: FIRST, end: END },
  });
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", (cause: NodeJS.ErrnoException) => {
      // EACCES: Windows keeps whole ranges for itself.
      if (cause.code === "EADDRINUSE" || cause.code === "EACCES") resolve(false);
      else reject(new P8eError("environment.unsupported", "no port can be opened on 127.0.0.1", { cause }));
    });
    probe.listen({ host: "127.0.0.1", port, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

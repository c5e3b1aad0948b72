import { createServer } from "node:net";
import { P8eError } from "@p8e/core";

/** A port on 127.0.0.1 that nobody uses just now: the given one if it is free. */
export function freePort(wanted = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", (cause: NodeJS.ErrnoException) => {
      if (cause.code === "EADDRINUSE" && wanted !== 0) resolve(freePort());
      else reject(new P8eError("environment.unsupported", "no port can be opened on 127.0.0.1", { cause }));
    });
    probe.listen({ host: "127.0.0.1", port: wanted, exclusive: true }, () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

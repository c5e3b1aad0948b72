import { connect } from "node:net";

const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
const EMPTY_SETTINGS = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);

/** What those say who look whether somebody listens: nothing, something else's greeting, half of HTTP/2's, all of it. */
const greetings: readonly Uint8Array[] = [
  new Uint8Array(0),
  Buffer.from("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
  Buffer.from([0x16, 0x03, 0x01, 0x00, 0x05, 0x01, 0x00, 0x00, 0x01, 0x03]),
  new Uint8Array(3000).fill(0xff),
  PREFACE.subarray(0, 12),
  PREFACE,
  Buffer.concat([PREFACE, EMPTY_SETTINGS]),
];

const AT_ONCE = 20;
/** How long a probe hears out what it gets for its greeting. */
const LISTEN_MS = 20;

/**
 * Probes a port `count` times, as scanners and health checks do: connects, says one of several things that are no call,
 * and leaves, every other time with a RST. Resolves when all are gone; rejects when one is refused.
 */
export async function probePort(host: string, port: number, count: number): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const probe = next++;
      await probeOnce(host, port, greetings[probe % greetings.length] as Uint8Array, probe % 2 === 0);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

function probeOnce(host: string, port: number, greeting: Uint8Array, abruptly: boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    let connected = false;
    socket.on("error", (error) => {
      // What the server does with the greeting is its own affair.
      if (!connected) reject(error);
    });
    socket.on("close", () => resolve());
    socket.resume();
    socket.once("connect", () => {
      connected = true;
      socket.write(greeting);
      const leave = (): void => void (abruptly ? socket.resetAndDestroy() : socket.destroy());
      if (greeting.length === 0) leave();
      else setTimeout(leave, LISTEN_MS);
    });
  });
}

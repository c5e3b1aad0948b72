import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { test } from "node:test";
import { freePort } from "@p8e/machine";

test("a free port is none that connections are given: what opens hundreds of them takes no server's port", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port: busy } = server.address() as AddressInfo;
  const sockets: Socket[] = [];
  const servers: Server[] = [];
  try {
    const ports = await Promise.all(Array.from({ length: 50 }, () => freePort()));
    const connecting = Array.from({ length: 500 }, async () => {
      const socket = connect(busy, "127.0.0.1");
      sockets.push(socket);
      await once(socket, "connect");
    });
    await Promise.all(connecting);
    const own = new Set(sockets.map((socket) => socket.localPort));
    for (const port of ports) assert.ok(!own.has(port) && port < Math.min(...(own as Set<number>)), `${port}`);
    for (const port of new Set(ports)) {
      const listening = createServer().listen(port, "127.0.0.1");
      servers.push(listening);
      await once(listening, "listening");
    }
  } finally {
    for (const socket of sockets) socket.destroy();
    for (const each of [server, ...servers]) each.close();
  }
});

test("the wanted port is given where it is free, and another where it is not", async () => {
  const wanted = await freePort();
  assert.equal(await freePort(wanted), wanted);
  const server = createServer().listen(wanted, "127.0.0.1");
  await once(server, "listening");
  try {
    assert.notEqual(await freePort(wanted), wanted);
  } finally {
    server.close();
  }
});

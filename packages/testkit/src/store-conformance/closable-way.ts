import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** A port of this machine that leads to another, until it is shut: then every connection ends at once. */
export class ClosableWay implements AsyncDisposable {
  readonly host = "127.0.0.1";
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isShut = false;

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  static async open(to: { readonly host: string; readonly port: number }): Promise<ClosableWay> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const way = new ClosableWay(server);
    server.on("connection", (socket) => way.#connected(socket, to));
    return way;
  }

  shut(): void {
    this.#isShut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.shut();
    this.#server.close();
    await once(this.#server, "close");
  }

  #connected(near: Socket, to: { readonly host: string; readonly port: number }): void {
    if (this.#isShut) {
      near.destroy();
      return;
    }
    const far = connect(to.port, to.host);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(socket);
      socket.on("error", () => {}); // the other end learns of it by the close
      socket.on("close", () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  }
}

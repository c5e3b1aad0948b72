import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { hasCode, P8eError } from "@p8e/core";
import { indexPath } from "@p8e/party";
import { configurationName, indexRecords, parseIndexConfiguration, plainIndex, RecordIndex } from "@p8e/sdk";
import type { CommandContext } from "../command-context.ts";
import type { NodeOptions } from "../node-options.ts";
import { readFile } from "./read-file.ts";

/** What `p8e index` can be told. */
export interface IndexCommandOptions extends NodeOptions {
  readonly as?: string;
  readonly config?: string;
  readonly withPersonalData: boolean;
  readonly once: boolean;
}

const CONFIGURATION_BYTES_MAX = 1024 * 1024;

/** Brings the index to the newest block, and keeps it there until it is stopped. */
export async function runIndex(context: CommandContext, options: IndexCommandOptions): Promise<void> {
  const { screen, signal } = context;
  const said = await configurationOf(options, signal);
  const configuration = options.withPersonalData ? { ...said, personalData: new Set<string>() } : said;
  await using party = await context.openParty(options.as, "--as", options);
  const { parts } = await party.client();
  const path = indexPath(party.located);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const origin = { party: party.self.address, network: party.profile.network.chainId };
  using index = RecordIndex.open(path, origin, configurationName(configuration));
  screen.say(`indexing what ${party.self.title} may read, from block ${index.height} on`);
  let first = true;
  let waitingFor: string | undefined;
  try {
    for await (const news of indexRecords(parts, index, configuration, { follow: !options.once, signal })) {
      if (news.kind === "scope") {
        const bad = news.problems === 0 ? "" : `, ${news.problems} of them not to be read now`;
        screen.say(`  ${news.scope}: ${news.records === 1 ? "one record" : `${news.records} records`}${bad}`);
      } else if (news.kind === "waiting") {
        if (news.error.code !== waitingFor) screen.warn(`${news.error.message}; asked again until it answers`);
        waitingFor = news.error.code;
        continue;
      } else if (first) {
        first = false;
        const { scopes, records } = index.count();
        screen.say(`up to block ${news.height}: ${records} records of ${scopes} scopes`);
      }
      waitingFor = undefined;
    }
  } catch (error) {
    // Ctrl-C is how following ends.
    if (options.once || !hasCode(error, "rpc.cancelled")) throw error;
  }
  const { scopes, records, problems } = index.count();
  if (problems > 0) screen.warn(`of ${problems} records nothing could be indexed; they are tried again`);
  screen.result({ file: path, height: index.height, scopes, records, problems });
}

async function configurationOf({ config }: IndexCommandOptions, signal: AbortSignal | undefined) {
  if (config === undefined) return plainIndex;
  const text = await readFile(config, { bytesMax: CONFIGURATION_BYTES_MAX, signal });
  return parseIndexConfiguration(text, { what: "the configuration of the index", file: config });
}

/** A pair as `--where` has it. @throws `input.invalid` */
export function fieldCondition(text: string): { readonly path: string; readonly text: string } {
  const at = text.indexOf("=");
  if (at > 0) return { path: text.slice(0, at), text: text.slice(at + 1) };
  throw new P8eError("input.invalid", "--where takes FIELD=VALUE", { facts: { given: text.slice(0, 200) } });
}

import { once } from "node:events";
import { existsSync, statSync } from "node:fs";
import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { type ContentHash, hasCode, P8eError } from "@p8e/core";
import type { OpenedReport } from "@p8e/crypto";
import type { OpenParty } from "@p8e/party";
import type { CommandDefinition } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { showFetched, UNKNOWN_SIGNER } from "../screens/show-fetched.ts";
import { safeFileName } from "../support/safe-file-name.ts";
import { formatSize, shorten } from "../terminal/format.ts";

/** `p8e get`. */
export const get: CommandDefinition = {
  register(program, action) {
    program
      .command("get <hash>")
      .description("fetch an object from one's own store, check it, decrypt it")
      .option("--as <party>", "who reads, from its own store; oneself by one's own profile")
      .option(
        "--out <path>",
        "a file, or a folder (FOLDER/), in which it gets its own name; without it, a terminal gets a file in this folder, and anything else the bytes",
      )
      .option("--force", "replace the file that --out names, if there is one", false)
      .option("--from <party>", "whose signature it must carry: a partner, or oneself")
      .action(action(run));
  },
};

interface GetCommandOptions {
  readonly as?: string;
  readonly out?: string;
  readonly force: boolean;
  readonly from?: string;
}

async function run(context: CommandContext, hashText: string, options: GetCommandOptions): Promise<void> {
  const { screen, openParty } = context;
  const { hashNamed } = await import("../support/hash-named.ts");
  await using party = await openParty(options.as, "--as");
  const hash = await hashNamed(context, hashText, party.located);
  try {
    if (options.out === undefined && !screen.isTerminal) await print(context, party, hash, options);
    else await write(context, party, hash, options);
  } catch (error) {
    if (options.from === undefined || !hasCode(error, "signature.unexpected_signer")) throw error;
    throw await notFrom(party, hash, options.from, error);
  }
}

async function getOptionsOf({ signal }: CommandContext, party: OpenParty, from: string | undefined) {
  const { requireAffiliateOf } = await import("@p8e/party");
  const expected = from === undefined ? {} : { expectedSigners: [requireAffiliateOf(party.profile, from).signingKey] };
  return { key: (await party.keys()).encryption, signal, ...expected };
}

/** To standard output, or whole under --json. */
async function print(context: CommandContext, party: OpenParty, hash: ContentHash, { from }: GetCommandOptions) {
  const { screen, signal } = context;
  const { partyOfKey } = await import("@p8e/party");
  const store = await party.store();
  await using object = await store.get(hash, await getOptionsOf(context, party, from));
  const signer = partyOfKey(party.profile, object.signer.base64);
  if (signer === undefined) screen.warn(UNKNOWN_SIGNER);
  if (screen.json) {
    const said = { file: object.file, signer: object.signer.base64, signerName: signer?.title };
    screen.result({ hash, bytes: await object.bytes(), ...said });
    return;
  }
  for await (const chunk of object.read(signal)) {
    if (!process.stdout.write(chunk)) await once(process.stdout, "drain", { signal });
  }
}

async function write(context: CommandContext, party: OpenParty, hash: ContentHash, options: GetCommandOptions) {
  const { screen } = context;
  const { out = "./", force, from } = options;
  const { partyOfKey } = await import("@p8e/party");
  const getOptions = await getOptionsOf(context, party, from);
  const store = await party.store();
  let path = out;
  const isFolder = /[/\\]$/.test(out) || isDirectory(out);
  if (isFolder) await makeFolder(out);
  else if (!force) requireFree(out);
  const choose = (report: OpenedReport) => {
    path = isFolder ? join(out, nameFor(hash, report)) : out;
    if (isFolder) requireFree(path);
    return path;
  };
  const report = await screen.step(
    `fetching ${shorten(hash)}`,
    (onProgress) => store.getToFile(hash, choose, { ...getOptions, onProgress, replace: force && !isFolder }),
    (done) => `${formatSize(done.plaintextBytes)} decrypted to ${path}; hash and signature are right`,
  );
  const signer = partyOfKey(party.profile, report.signer.base64);
  const { file } = report;
  showFetched(screen, { signer: report.signer.base64, signerTitle: signer?.title, file });
  const { size } = await stat(path);
  screen.result({ hash, out: path, size, file, signer: report.signer.base64, signerName: signer?.title });
}

/** How it was called where it was stored, as far as that can be a name; otherwise one by its hash. */
function nameFor(hash: ContentHash, { file }: OpenedReport): string {
  const name = file === undefined ? undefined : safeFileName(file.name);
  return name ?? `object-${hash.replace(/[^A-Za-z0-9]/g, "").slice(0, 12)}`;
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** @throws `input.invalid` */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (cause) {
    throw new P8eError("input.invalid", "the folder cannot be made", { facts: { path }, cause });
  }
}

/** @throws `input.invalid` */
function requireFree(path: string): void {
  if (!existsSync(path)) return;
  throw new P8eError("input.invalid", `${path} is there already, and is not replaced`, {
    facts: { path },
    hint: "--out FILE names another file, and --force replaces the one that --out names.",
  });
}

async function notFrom({ profile }: OpenParty, hash: ContentHash, from: string, cause: unknown): Promise<P8eError> {
  const { requireParty } = await import("@p8e/party");
  const { name, title } = requireParty(profile, from);
  return new P8eError("signature.unexpected_signer", `${title} has not signed this object; somebody else has`, {
    facts: { hash, party: name },
    hint: "p8e verify HASH says who signed it.",
    cause,
  });
}

import { dirname, join } from "node:path";
import { P8eError } from "@p8e/core";
import { PARTY_FOLDER } from "@p8e/party/profile";
import type { CommandContext } from "../command-context.ts";

/** What a person types for what was stored or written last. */
export const LAST = "@last";

/** What `@last` can stand for. */
export type Kind = "hash" | "scope" | "session";

const words: Record<Kind, string> = {
  hash: "object was stored",
  scope: "scope was written",
  session: "session was asked for",
};

/**
 * The text, or what `@last` stands for in its place: the last hash, scope or session of the profile that acts; the parties
 * of an environment share theirs. Where several kinds fit, the latest of them.
 * @throws `input.invalid` when there is none
 */
export async function lastNamedOr(context: CommandContext, text: string, ...kinds: readonly Kind[]): Promise<string> {
  if (text !== LAST) {
    if (!text.startsWith("@")) return text;
    throw new P8eError(
      "input.invalid",
      `${text.slice(0, 64)} names nothing; the one name that begins with @ is ${LAST}`,
    );
  }
  const { lastNamed } = await import("@p8e/party/profile");
  const folder = await rememberingFolder(context);
  const last = folder === undefined ? undefined : await lastNamed(folder);
  const ordered = last?.latest === "scope" ? kinds.toSorted((one) => (one === "scope" ? -1 : 0)) : kinds;
  for (const kind of ordered) {
    const found = kind === "hash" ? last?.hashes[0] : last?.[kind];
    if (found === undefined) continue;
    context.screen.aside(`${LAST} is ${found}`);
    return found;
  }
  throw new P8eError("input.invalid", `${LAST} names nothing: no ${words[kinds[0]!]} from here yet`, {
    ...(folder === undefined ? {} : { facts: { folder: folder.dataDir } }),
    hint: "p8e put and p8e contract execute remember what they stored and wrote.",
  });
}

/** Remembers it for `@last`; where that fails, says so, since `@last` would name something older. */
export async function rememberLast(
  { screen }: CommandContext,
  ...[of, named]: Parameters<typeof import("@p8e/party/profile").rememberNamed>
): Promise<void> {
  const { rememberNamed } = await import("@p8e/party/profile");
  try {
    await rememberNamed(of, named);
  } catch (error) {
    screen.warn(`${LAST} does not name this: ${P8eError.from(error).message}`);
  }
}

/** Where what was named is remembered: of the profile or environment that is here, without choosing a party. */
export async function rememberingFolder(context: CommandContext): Promise<{ readonly dataDir: string } | undefined> {
  const source = await context.source();
  if (source === undefined) return undefined;
  return { dataDir: source.kind === "environment" ? source.dataDir : join(dirname(source.file), PARTY_FOLDER) };
}

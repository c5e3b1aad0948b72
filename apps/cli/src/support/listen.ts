import { sessionAddress } from "@p8e/core";
import type { ListenNews, MailEffect } from "@p8e/sdk";
import type { CommandContext } from "../command-context.ts";
import type { NodeOptions } from "../node-options.ts";
import type { Screen } from "../terminal/screen.ts";
import { readFile } from "./read-file.ts";

/** What `p8e listen` takes. */
export interface ListenCommandOptions extends NodeOptions {
  readonly as?: string;
  readonly approvePolicy?: string;
  readonly feeMax?: string;
}

const POLICY_BYTES_MAX = 1024 * 1024;

/** Listens until the command is stopped; that is how it ends well. */
export async function listenAs(context: CommandContext, options: ListenCommandOptions): Promise<void> {
  const { screen, signal } = context;
  const { as, approvePolicy, ...opening } = options;
  const [{ listen, parseApprovalPolicy }, { partyOfAddress }, { newsView }] = await Promise.all([
    import("@p8e/sdk"),
    import("@p8e/party"),
    import("@p8e/party/views"),
  ]);
  const policy =
    approvePolicy === undefined
      ? undefined
      : parseApprovalPolicy(await readFile(approvePolicy, { bytesMax: POLICY_BYTES_MAX, signal }));
  await using party = await context.openParty(as, "--as", opening);
  const client = await party.client();
  const named = (address: string) => partyOfAddress(party.profile, address)?.title ?? address;
  const rules = policy?.rules.length ?? 0;
  const manner =
    policy === undefined ? "a person approves" : `${rules} ${rules === 1 ? "rule approves" : "rules approve"}`;
  screen.event({ kind: "listening", party: party.self.address, rules }, `${party.self.title} listens; ${manner}.`);
  for await (const news of listen(client, { policy, signal })) tell(screen, news, named, newsView(news));
  screen.event({ kind: "stopped" }, "Stopped.");
}

function tell(screen: Screen, news: ListenNews, named: (address: string) => string, view: object): void {
  const text = textOf(news, named);
  if (text !== undefined) screen.event(view, text);
}

/** In one line; undefined for what is nothing new. */
export function textOf(news: ListenNews, named: (address: string) => string): string | undefined {
  switch (news.kind) {
    case "received":
      return effectText(news.effect, named);
    case "quarantined": {
      const { sender, message } = news.mail;
      return `! mail ${sender === undefined ? "" : `of ${named(sender)} `}was set aside: ${message}`;
    }
    case "held":
      return `… mail is tried again later: ${news.error.message}`;
    case "store-away":
      return `… the own store cannot be asked: ${news.error.message}`;
    case "sent":
      return `✔ ${news.mails === 1 ? "one mail that was due" : `${news.mails} mails that were due`} went out`;
    case "store-back":
      return "✔ the own store answers again";
    case "resumed":
      return news.resumed.error === undefined
        ? `✔ ${news.resumed.execution.uuid} is ${news.resumed.execution.state === "committed" ? "on the ledger" : news.resumed.execution.state}`
        : `! ${news.resumed.execution.uuid}: ${news.resumed.error.message}`;
    case "approved":
      return `✔ ${news.execution} approved by the rule ${news.rule}`;
    case "undecided": {
      const why = news.why.map(({ rule, misses }) => `${rule} (${misses.join(", ")})`).join("; ");
      return `? ${news.execution} waits for a person: ${why === "" ? "no rule for its contract" : why}`;
    }
    case "unsound":
      return `! ${news.execution} does not hold, and nothing was signed: ${news.error.message}`;
    case "unapproved": {
      const { writtenBy, session: of, height } = news.found;
      const who = named(writtenBy);
      if (of === undefined) {
        return `! ${who} may have used your leave for something that is not known, up to block ${height}`;
      }
      const session = sessionAddress(of.scopeUuid, of.sessionUuid);
      return `! ${who} has sent ${session} to the ledger, in block ${height}, which you have not approved; your leave may have been used for it`;
    }
    case "postponed":
      return `… ${news.execution ?? "what is due"} has to wait: ${news.error.message}`;
  }
}

function effectText(effect: MailEffect, named: (address: string) => string): string | undefined {
  switch (effect.kind) {
    case "asked-by-jvm":
      return `? ${named(effect.by)} asks, by the JVM's SDK, for what cannot be signed here, and can be rejected: ${effect.execution}`;
    case "asked":
      return `? ${named(effect.by)} asks for a signature: ${effect.execution}`;
    case "signed":
      return `✔ ${named(effect.by)} has signed ${effect.execution}${effect.complete ? "; that was the last" : ""}`;
    case "refused":
      return `! ${named(effect.by)} does not sign ${effect.execution}: ${effect.reason}`;
    case "crossed":
      return `! ${named(effect.by)} takes its signature of ${effect.execution} back (${effect.reason}), which is on its way to the ledger: all are told what becomes of it`;
    case "ended":
      return `${effect.outcome === "committed" ? "✔" : "!"} ${effect.execution} is ${effect.outcome}${
        effect.reason === "" ? "" : `: ${effect.reason}`
      }`;
    case "nothing":
      return undefined;
  }
}

import { type P8eError, scopeAddress, sessionAddress } from "@p8e/core";
import type { ListenNews, QuarantinedMail, UnapprovedUse } from "@p8e/sdk";

/** A letter that was set aside. */
export function quarantineView({ uuid, atMs, reason, code, message, sender, bytes }: QuarantinedMail) {
  return { mail: uuid, at: new Date(atMs).toISOString(), reason, code, message, sender, bytes };
}

/** What somebody may have used this party's leave for, and what this party has not approved. */
export function unapprovedView({ session: of, writtenBy, height, atMs }: UnapprovedUse) {
  const session = of && {
    ...{ scope: scopeAddress(of.scopeUuid), session: sessionAddress(of.scopeUuid, of.sessionUuid) },
    onLedger: of.onLedger,
  };
  return { ...session, writtenBy, height, foundAt: new Date(atMs).toISOString() };
}

/** Something that happened while a party listened: one value for a line of JSON. */
export function newsView(news: ListenNews): object {
  switch (news.kind) {
    case "received":
      return { kind: news.kind, mail: news.mail, effect: news.effect };
    case "quarantined":
      return { kind: news.kind, ...quarantineView(news.mail) };
    case "held":
      return { kind: news.kind, mail: news.mail, afterMs: news.afterMs, error: errorView(news.error) };
    case "resumed": {
      const { execution, session, error } = news.resumed;
      const { uuid, state, reason } = execution;
      const on = session === undefined ? {} : { transaction: session.receipt.hash, height: session.receipt.height };
      return {
        kind: news.kind,
        execution: uuid,
        state,
        reason,
        ...on,
        ...(error === undefined ? {} : { error: errorView(error) }),
      };
    }
    case "store-away":
      return { kind: news.kind, error: errorView(news.error) };
    case "unsound":
    case "postponed":
      return { kind: news.kind, execution: news.execution, error: errorView(news.error) };
    case "unapproved":
      return { kind: news.kind, ...unapprovedView(news.found) };
    default:
      return news;
  }
}

function errorView({ code, message, facts }: P8eError) {
  return { code, message, facts };
}

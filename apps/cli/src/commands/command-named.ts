import type { CommandDefinition } from "../command.ts";

/**
 * The command that words name, and nothing of the others: half of what a start costs is loading what registers them. A test
 * holds the list to that of all commands (`index.ts`), which is loaded for help and for words that name none.
 */
export async function commandNamed(words: readonly string[]): Promise<CommandDefinition | undefined> {
  for (let count = Math.min(words.length, WORDS_MAX); count > 0; count--) {
    const name = words.slice(0, count).join(" ");
    if (Object.hasOwn(byName, name)) return await byName[name]!();
  }
  return undefined;
}

/** Every command's name. */
export function commandNames(): readonly string[] {
  return Object.keys(byName);
}

const WORDS_MAX = 3;

const byName: Readonly<Record<string, () => Promise<CommandDefinition>>> = {
  story: async () => (await import("./story.ts")).story,
  up: async () => (await import("./up.ts")).up,
  status: async () => (await import("./status.ts")).status,
  down: async () => (await import("./down.ts")).down,
  init: async () => (await import("./init.ts")).init,
  reset: async () => (await import("./reset.ts")).reset,
  doctor: async () => (await import("./doctor.ts")).doctor,
  put: async () => (await import("./put.ts")).put,
  get: async () => (await import("./get.ts")).get,
  ls: async () => (await import("./ls.ts")).ls,
  inspect: async () => (await import("./inspect.ts")).inspect,
  why: async () => (await import("./why.ts")).why,
  "contract new": async () => (await import("./contract-new.ts")).contractNew,
  "contract build": async () => (await import("./contract-build.ts")).contractBuild,
  "contract check": async () => (await import("./contract-check.ts")).contractCheck,
  "contract diff": async () => (await import("./contract-diff.ts")).contractDiff,
  "contract cost": async () => (await import("./contract-cost.ts")).contractCostCommand,
  "contract publish": async () => (await import("./contract-publish.ts")).contractPublish,
  "contract execute": async () => (await import("./contract-execute.ts")).contractExecute,
  onboard: async () => (await import("./onboard.ts")).onboard,
  dev: async () => (await import("./dev.ts")).dev,
  inbox: async () => (await import("./inbox.ts")).inbox,
  "session list": async () => (await import("./session-list.ts")).sessionList,
  "session show": async () => (await import("./session-show.ts")).sessionShow,
  "session approve": async () => (await import("./session-approve.ts")).sessionApprove,
  "session reject": async () => (await import("./session-reject.ts")).sessionReject,
  "session cancel": async () => (await import("./session-cancel.ts")).sessionCancel,
  "session resend": async () => (await import("./session-resend.ts")).sessionResend,
  listen: async () => (await import("./listen.ts")).listen,
  "mail set-aside": async () => (await import("./mail-set-aside.ts")).mailSetAside,
  "account show": async () => (await import("./account-show.ts")).accountShow,
  "account fund": async () => (await import("./account-fund.ts")).accountFund,
  "account introduce": async () => (await import("./account-introduce.ts")).accountIntroduce,
  index: async () => (await import("./index-command.ts")).indexCommand,
  "scope list": async () => (await import("./scope-list.ts")).scopeList,
  "scope show": async () => (await import("./scope-show.ts")).scopeShow,
  "scope transfer": async () => (await import("./scope-transfer.ts")).scopeTransfer,
  "record show": async () => (await import("./record-show.ts")).recordShow,
  share: async () => (await import("./share.ts")).share,
  unshare: async () => (await import("./unshare.ts")).unshare,
  revoke: async () => (await import("./revoke.ts")).revoke,
  verify: async () => (await import("./verify.ts")).verify,
  replay: async () => (await import("./replay.ts")).replay,
  "tx send": async () => (await import("./tx-send.ts")).txSend,
  "tx show": async () => (await import("./tx-show.ts")).txShow,
  "key new": async () => (await import("./key-new.ts")).keyNew,
  "key import": async () => (await import("./key-import.ts")).keyImport,
  "key show": async () => (await import("./key-show.ts")).keyShow,
  "party card": async () => (await import("./party-card.ts")).partyCard,
  "party add": async () => (await import("./party-add.ts")).partyAdd,
  "party list": async () => (await import("./party-list.ts")).partyList,
  "party remove": async () => (await import("./party-remove.ts")).partyRemove,
  backup: async () => (await import("./backup.ts")).backup,
  restore: async () => (await import("./restore.ts")).restore,
  drill: async () => (await import("./drill.ts")).drill,
  "store serve": async () => (await import("./store-serve.ts")).storeServe,
  "store move": async () => (await import("./store-move.ts")).storeMove,
  "store register": async () => (await import("./store-register.ts")).storeRegister,
  "store repair": async () => (await import("./store-repair.ts")).storeRepair,
  "store replication list": async () => (await import("./store-replication-list.ts")).storeReplicationList,
  "store replication retry": async () => (await import("./store-replication-retry.ts")).storeReplicationRetry,
  "store replication pause": async () => (await import("./store-replication-pause.ts")).storeReplicationPause,
  "store replication resume": async () => (await import("./store-replication-resume.ts")).storeReplicationResume,
  "ledger serve": async () => (await import("./ledger-serve.ts")).ledgerServe,
};

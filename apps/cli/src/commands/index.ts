import type { CommandDefinition } from "../command.ts";
import { accountFund } from "./account-fund.ts";
import { accountIntroduce } from "./account-introduce.ts";
import { accountShow } from "./account-show.ts";
import { backup } from "./backup.ts";
import { contractBuild } from "./contract-build.ts";
import { contractCheck } from "./contract-check.ts";
import { contractCostCommand } from "./contract-cost.ts";
import { contractDiff } from "./contract-diff.ts";
import { contractExecute } from "./contract-execute.ts";
import { contractNew } from "./contract-new.ts";
import { contractPublish } from "./contract-publish.ts";
import { dev } from "./dev.ts";
import { doctor } from "./doctor.ts";
import { down } from "./down.ts";
import { drill } from "./drill.ts";
import { get } from "./get.ts";
import { inbox } from "./inbox.ts";
import { indexCommand } from "./index-command.ts";
import { init } from "./init.ts";
import { inspect } from "./inspect.ts";
import { keyImport } from "./key-import.ts";
import { keyNew } from "./key-new.ts";
import { keyShow } from "./key-show.ts";
import { ledgerServe } from "./ledger-serve.ts";
import { listen } from "./listen.ts";
import { ls } from "./ls.ts";
import { mailSetAside } from "./mail-set-aside.ts";
import { onboard } from "./onboard.ts";
import { partyAdd } from "./party-add.ts";
import { partyCard } from "./party-card.ts";
import { partyList } from "./party-list.ts";
import { partyRemove } from "./party-remove.ts";
import { put } from "./put.ts";
import { recordShow } from "./record-show.ts";
import { replay } from "./replay.ts";
import { reset } from "./reset.ts";
import { restore } from "./restore.ts";
import { revoke } from "./revoke.ts";
import { scopeList } from "./scope-list.ts";
import { scopeShow } from "./scope-show.ts";
import { scopeTransfer } from "./scope-transfer.ts";
import { sessionApprove } from "./session-approve.ts";
import { sessionCancel } from "./session-cancel.ts";
import { sessionList } from "./session-list.ts";
import { sessionReject } from "./session-reject.ts";
import { sessionResend } from "./session-resend.ts";
import { sessionShow } from "./session-show.ts";
import { share } from "./share.ts";
import { status } from "./status.ts";
import { storeMove } from "./store-move.ts";
import { storeRegister } from "./store-register.ts";
import { storeRepair } from "./store-repair.ts";
import { storeReplicationList } from "./store-replication-list.ts";
import { storeReplicationPause } from "./store-replication-pause.ts";
import { storeReplicationResume } from "./store-replication-resume.ts";
import { storeReplicationRetry } from "./store-replication-retry.ts";
import { storeServe } from "./store-serve.ts";
import { story } from "./story.ts";
import { txSend } from "./tx-send.ts";
import { txShow } from "./tx-show.ts";
import { unshare } from "./unshare.ts";
import { up } from "./up.ts";
import { verify } from "./verify.ts";
import { why } from "./why.ts";

/** Every command, in the order that `p8e --help` shows. */
export const commands: readonly CommandDefinition[] = [
  story,
  up,
  status,
  down,
  init,
  reset,
  doctor,
  put,
  get,
  ls,
  inspect,
  why,
  contractNew,
  contractBuild,
  contractCheck,
  contractDiff,
  contractCostCommand,
  contractPublish,
  contractExecute,
  onboard,
  dev,
  inbox,
  sessionList,
  sessionShow,
  sessionApprove,
  sessionReject,
  sessionCancel,
  sessionResend,
  listen,
  mailSetAside,
  accountShow,
  accountFund,
  accountIntroduce,
  indexCommand,
  scopeList,
  scopeShow,
  scopeTransfer,
  recordShow,
  share,
  unshare,
  revoke,
  verify,
  replay,
  txSend,
  txShow,
  keyNew,
  keyImport,
  keyShow,
  partyCard,
  partyAdd,
  partyList,
  partyRemove,
  backup,
  restore,
  drill,
  storeServe,
  storeMove,
  storeRegister,
  storeRepair,
  storeReplicationList,
  storeReplicationRetry,
  storeReplicationPause,
  storeReplicationResume,
  ledgerServe,
];

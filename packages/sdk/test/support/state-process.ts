// Opens a party's state file when it is told, at the same moment as others do, and says how that went.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import process from "node:process";
import { networks, P8eError, parseAccountAddress } from "@p8e/core";
import { executionStates } from "../../src/state/execution.ts";
import { openSqliteStateStore } from "../../src/state/sqlite/sqlite-state-store.ts";

const party = parseAccountAddress("tp196g09ugqd0rhkqgu4cnd97e65akeq9dmhttc25", networks.local.accountPrefix);
process.send!("ready");
const [path] = (await once(process, "message")) as [string];
try {
  await using store = openSqliteStateStore(path, {
    origin: { party, network: networks.local.chainId },
    random: (length) => new Uint8Array(randomBytes(length)),
    nowMs: Date.now,
  });
  process.send!({ found: (await store.list(executionStates)).length });
} catch (error) {
  const { code, message } = P8eError.from(error);
  process.send!({ code, message });
}
process.disconnect();

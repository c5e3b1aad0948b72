// An environment as a process of its own, to be killed. It lives no longer than the test that forked it.
import { startEnvironment } from "@p8e/environment";

const [dataDir, ...parties] = process.argv.slice(2);
const environment = await startEnvironment({ dataDir: dataDir!, parties });
process.once("disconnect", async () => {
  await environment[Symbol.asyncDispose]();
  process.exit(0);
});
process.send!({ pids: [...environment.pids()] });

// An environment as a process of its own, to be killed. It lives no longer than the test that forked it.
import { type EnvironmentOptions, startEnvironment } from "@p8e/environment";

const environment = await startEnvironment(JSON.parse(process.argv[2]!) as EnvironmentOptions);
process.once("disconnect", async () => {
  await environment[Symbol.asyncDispose]();
  process.exit(0);
});
process.send!({ pids: [...environment.pids()] });

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/** How a round's holder ends before the next round begins. */
export type Ending = "kill" | "give up" | "remove and give up";

/** Several processes that want one folder at the same time, round after round. */
export class Contest implements AsyncDisposable {
  readonly #folder: string;
  #contenders: ChildProcess[] = [];

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(folder: string, count: number): Promise<Contest> {
    const contest = new Contest(folder);
    contest.#contenders = await Promise.all(Array.from({ length: count }, () => contest.#launch()));
    return contest;
  }

  /**
   * All take the folder at once, and keep it if they get it; then who has it ends. Resolves with what each of them said.
   */
  async round(ending: Ending): Promise<readonly string[]> {
    const answers = await Promise.all(this.#contenders.map((child) => ask(child, "take")));
    await this.#end(this.#contenders[answers.indexOf("held")], ending);
    return answers;
  }

  /** One has the folder, and the others take it while he is giving up. Resolves with what these said. */
  async relay(ending: Exclude<Ending, "kill">): Promise<readonly string[]> {
    const holder = this.#contenders[0]!;
    const first = await ask(holder, "take");
    if (first !== "held") throw new Error(`the first could not have it: ${first}`);
    const others = this.#contenders.slice(1);
    const [, ...answers] = await Promise.all([ask(holder, ending), ...others.map((child) => ask(child, "take"))]);
    await Promise.all(others.map((child, index) => (answers[index] === "held" ? ask(child, "give up") : undefined)));
    return answers;
  }

  async #end(holder: ChildProcess | undefined, ending: Ending): Promise<void> {
    if (holder === undefined) return;
    if (ending !== "kill") {
      await ask(holder, ending);
      return;
    }
    const exited = once(holder, "exit");
    holder.kill("SIGKILL");
    await exited;
    this.#contenders[this.#contenders.indexOf(holder)] = await this.#launch();
  }

  async #launch(): Promise<ChildProcess> {
    const child = fork(new URL("contender.ts", import.meta.url), [this.#folder], { execArgv: [] });
    await once(child, "message");
    return child;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      this.#contenders.map(async (child) => {
        const exited = once(child, "exit");
        child.disconnect();
        await exited;
      }),
    );
  }
}

async function ask(child: ChildProcess, order: string): Promise<string> {
  const answer = once(child, "message");
  child.send(order);
  const [said] = (await answer) as [string];
  return said;
}

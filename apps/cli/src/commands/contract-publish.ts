import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { ScopeSpecification } from "@p8e/contract";
import { type CommandDefinition, FEE_MAX_HELP, group, list } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { type NodeOptions, withNode } from "../node-options.ts";
import { shorten } from "../terminal/format.ts";

/** `p8e contract publish`. */
export const contractPublish: CommandDefinition = {
  register(program, action) {
    withNode(group(program, "contract").command("publish <file>"))
      .description("store a contract's code and write its specification to the ledger")
      .option("--as <party>", "who publishes; oneself by one's own profile")
      .option("--for <parties>", "who else can read the code, separated by commas", list, [])
      .option("--fee-max <amount>", FEE_MAX_HELP)
      .option("--plan", "only say what would be written", false)
      .action(action(run));
  },
};

interface PublishOptions extends NodeOptions {
  readonly as?: string;
  readonly for: readonly string[];
  readonly plan: boolean;
  readonly feeMax?: string;
}

async function run(context: CommandContext, file: string, options: PublishOptions): Promise<void> {
  const { screen, openParty, signal } = context;
  const [{ requireReader }, { publicationPlanView, publicationView }, { buildStep }, { priceWords }] =
    await Promise.all([
      import("@p8e/party"),
      import("@p8e/party/views"),
      import("../support/build-step.ts"),
      import("../support/price-words.ts"),
    ]);
  await using party = await openParty(options.as, "--as", options);
  const audience = options.for.map((text) => requireReader(party.profile, text).key);
  const built = await buildStep(screen, file, signal);
  const { publisher } = await party.client();
  const plan = await publisher.plan({ built, scopes: await scopeSpecificationsOf(file), audience }, { signal });
  for (const difference of plan.differences) screen.warn(`${difference}; publishing leaves it as it is`);
  const inWords = await priceWords(context, party);
  if (options.plan) {
    screen.say(plan.steps.length === 0 ? "Nothing to write: the ledger has it all." : "Would write to the ledger:");
    for (const step of plan.steps) screen.say(`  ${step.what}`);
    const costs = await publisher.price(plan, { signal });
    const view = publicationPlanView(plan, costs);
    if (costs.length > 0) {
      screen.say(`It would cost ${inWords(view.fee)}${costs.length > 1 ? `, in ${costs.length} transactions` : ""}.`);
    }
    screen.result(view);
    return;
  }
  const onCost = ({ fee }: { readonly fee: bigint }) => screen.say(`  writing it to the ledger costs ${inWords(fee)}`);
  const result = await screen.step(
    `publishing ${plan.className}`,
    () => publisher.publish(plan, { signal, onCost }),
    (done) =>
      done.receipts.length === 0
        ? `${plan.className} was published before; nothing to write`
        : `${plan.className} published: ${plan.steps.length} messages, ${inWords(done.fee)}`,
  );
  screen.facts([
    ["contract", plan.contract],
    ["scopes", plan.scopes.join(", ")],
    ["code", plan.objects.find((object) => object.kind === "code")?.hash],
    ["transactions", result.receipts.map((receipt) => shorten(receipt.hash)).join(", ") || "none"],
  ]);
  screen.result(publicationView(plan, result));
}

/** The author's own module on the author's own machine: its exports are read, as its build reads its source. */
async function scopeSpecificationsOf(file: string): Promise<readonly ScopeSpecification[]> {
  const module = (await import(pathToFileURL(resolve(file)).href)) as Record<string, unknown>;
  return Object.values(module).filter(isScopeSpecification);
}

function isScopeSpecification(value: unknown): value is ScopeSpecification {
  if (typeof value !== "object" || value === null) return false;
  const { name, description, parties } = value as Partial<ScopeSpecification>;
  return typeof name === "string" && typeof description === "string" && Array.isArray(parties);
}

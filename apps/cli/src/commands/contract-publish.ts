import { ALLOW_HELP, type CommandDefinition, collect, FEE_MAX_HELP, group, list } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { type NodeOptions, withNode } from "../node-options.ts";

/** `p8e contract publish`. */
export const contractPublish: CommandDefinition = {
  register(program, action) {
    withNode(group(program, "contract").command("publish <file>"))
      .description("store a contract's code and write its specification to the ledger")
      .option("--as <party>", "who publishes; oneself by one's own profile")
      .option("--for <parties>", "who else can read the code, separated by commas", list, [])
      .option("--fee-max <amount>", FEE_MAX_HELP)
      .option("--allow <name>", ALLOW_HELP, collect, [])
      .option("--force", "publish it even if that breaks scopes or contracts; contract diff names them", false)
      .option("--plan", "only say what would be written", false)
      .action(action(run));
  },
};

interface PublishOptions extends NodeOptions {
  readonly as?: string;
  readonly for: readonly string[];
  readonly allow: readonly string[];
  readonly force: boolean;
  readonly plan: boolean;
  readonly feeMax?: string;
}

async function run(context: CommandContext, file: string, options: PublishOptions): Promise<void> {
  const { screen, openParty, signal } = context;
  const [
    { requireNothingBroken },
    { requireReader },
    { publicationPlanView, publicationView },
    { buildStep },
    { scopeSpecificationsOf },
    { priceWords },
    { showWarnings },
  ] = await Promise.all([
    import("@p8e/sdk"),
    import("@p8e/party"),
    import("@p8e/party/views"),
    import("../support/build-step.ts"),
    import("../support/scope-specifications-of.ts"),
    import("../support/price-words.ts"),
    import("../screens/show-warnings.ts"),
  ]);
  await using party = await openParty(options.as, "--as", options);
  const audience = options.for.map((text) => requireReader(party.profile, text).key);
  const built = await buildStep(screen, file, signal, { allow: options.allow });
  showWarnings(screen, built);
  const { publisher } = await party.client();
  const scopes = await scopeSpecificationsOf(file);
  const plan = await publisher.plan({ built, scopes, audience }, { signal });
  const comparison = await publisher.compare({ built, scopes }, { signal });
  for (const each of comparison.unread) screen.warn(`not compared: ${each}`);
  if (!options.force && !options.plan) requireNothingBroken(comparison);
  for (const difference of plan.differences) screen.warn(`${difference}; publishing leaves it as it is`);
  const inWords = await priceWords(context, party);
  if (options.plan) {
    if (comparison.breaks) screen.warn("it would break what is live, and be refused: p8e contract diff names it");
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
    ["transactions", result.receipts.map((receipt) => receipt.hash).join(", ") || "none"],
  ]);
  const { published } = comparison;
  if (plan.steps.length === 0 && published !== undefined && published !== plan.contract) {
    screen.warn(
      `sessions find another version by this name, which was published later: ${published}. ` +
        `This one is chosen by its address: p8e contract execute ${plan.contract}`,
    );
  }
  screen.result(publicationView(plan, result));
}

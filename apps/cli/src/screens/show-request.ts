import type { FieldDifference, FieldLine, OutputView, Part, RequestView } from "@p8e/sdk";
import type { Screen } from "../terminal/screen.ts";

/** What a person reads before signing. `named` says what an account is called here. */
export function showRequest(screen: Screen, view: RequestView, named: (address: string) => string): void {
  const { contract, scope } = view;
  screen.heading(`${contract.className}, asked by ${named(view.invoker)}`);
  screen.facts([
    ["execution", view.execution],
    ["until", view.deadline],
    ["scope", `${scope.address}${scope.isNew ? ", a new one" : ""}`],
    ["kind of scope", scope.specification],
    ["contract", contract.address],
    ["its hash", contract.hash],
    ["published by", contract.publishers.map(named).join(", ")],
    ["trusted", contract.publishersNamed ? "yes: its publisher is named here" : "no publisher is named here: any may"],
    ["new readers", view.newReaders.map(named).join(", ") || "nobody"],
  ]);
  screen.heading("Who signs");
  screen.table(
    ["party", "as", "signed"],
    view.signers.map(({ address, roles, invoker, self, signed }) => [
      `${named(address)}${self ? " (you)" : ""}`,
      roles.join(", ") || "has a say in the scope",
      signed ? "yes" : invoker || self ? "no" : "answers the invoker",
    ]),
  );
  for (const { name, from, type, hash, fields } of view.inputs) {
    screen.heading(`${from === "proposal" ? "Proposed" : "Read"}: ${name}`);
    screen.note(`${type}, ${hash}`);
    showLines(screen, fields);
  }
  for (const output of view.outputs) showOutput(screen, output);
  for (const { function: name, why } of view.skipped) screen.say(`${name} was not run: ${why}`);
  screen.heading("What signing allows");
  for (const text of view.leaveText) screen.say(`  ${text.replace(view.invoker, named(view.invoker))}`);
  if (view.leave.length === 0) screen.say("  nothing is written with your leave");
}

function showOutput(screen: Screen, { record, type, hash, change }: OutputView): void {
  screen.heading(`Written: ${record}`);
  screen.note(`${type}, ${hash}`);
  switch (change.kind) {
    case "same":
      screen.say("  as it is now");
      return;
    case "new":
      showLines(screen, change.fields);
      return;
    case "unreadable":
      screen.warn(`what it replaces (${change.before}) cannot be read here: ${change.why}`);
      showLines(screen, change.fields);
      return;
    case "changed":
      showDifferences(screen, change.differences);
  }
}

function showLines(screen: Screen, { shown, left }: Part<FieldLine>): void {
  screen.facts(shown.map(({ path, value }) => [path, value]));
  showLeft(screen, left, "values");
}

function showDifferences(screen: Screen, { shown, left }: Part<FieldDifference>): void {
  screen.table(
    ["field", "now", "then"],
    shown.map(({ path, before = "-", after = "-" }) => [path, before, after]),
  );
  showLeft(screen, left, "differences, or values that were not compared");
}

function showLeft(screen: Screen, left: number, what: string): void {
  if (left > 0) screen.warn(`${left} more ${what} are not shown`);
}

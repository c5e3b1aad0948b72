/** Modules of a real node that the embedded ledger leaves out; their messages are refused by name, not as unknown. */
const otherModules = [
  "/cosmos.circuit.",
  "/cosmos.consensus.",
  "/cosmos.crisis.",
  "/cosmos.distribution.",
  "/cosmos.evidence.",
  "/cosmos.gov.",
  "/cosmos.group.",
  "/cosmos.mint.",
  "/cosmos.slashing.",
  "/cosmos.staking.",
  "/cosmos.upgrade.",
  "/cosmos.vesting.",
  "/cosmos.auth.",
  "/cosmwasm.wasm.",
  "/ibc.",
  "/provenance.attribute.",
  "/provenance.exchange.",
  "/provenance.flatfees.",
  "/provenance.hold.",
  "/provenance.ibchooks.",
  "/provenance.ibcratelimit.",
  "/provenance.ledger.",
  "/provenance.marker.",
  "/provenance.msgfees.",
  "/provenance.name.",
  "/provenance.oracle.",
  "/provenance.registry.",
  "/provenance.reward.",
  "/provenance.trigger.",
  "/provlabs.vault.",
];

/** Of modules that it has otherwise. */
const otherMessages = new Set([
  "/cosmos.bank.v1beta1.MsgUpdateParams",
  "/cosmos.bank.v1beta1.MsgSetSendEnabled",
  "/cosmos.feegrant.v1beta1.MsgPruneAllowances",
]);

/** Whether the URL names a request of one of them, as far as names tell. */
export function isOfOtherModule(url: string): boolean {
  if (otherMessages.has(url)) return true;
  return /\.Msg[A-Z]\w*(?<!Response)$/.test(url) && otherModules.some((prefix) => url.startsWith(prefix));
}

// What is shown of a party and its work: what the command prints as JSON, and other faces will return. Scopes have a door
// of their own, since they load what the ledger speaks.
export { type AccountView, accountView } from "./account-view.ts";
export {
  agreementView,
  approvalView,
  jvmRequestView,
  type NameOf,
  requestedView,
  transitionViews,
} from "./agreement-views.ts";
export { newsView, quarantineView } from "./listen-views.ts";
export { storedView } from "./object-views.ts";
export {
  type PartnerView,
  type PartyView,
  type ProfileView,
  partnerView,
  partyView,
  profileView,
} from "./party-views.ts";
export {
  dryRunView,
  type FunctionView,
  functionViews,
  memorializedView,
  publicationPlanView,
  publicationView,
} from "./session-views.ts";

// What is shown of a party and its work: what the command prints as JSON, and other faces will return.
export { type AccountView, accountView } from "./account-view.ts";
export { storedView } from "./object-views.ts";
export {
  type PartnerView,
  type PartyView,
  type ProfileView,
  partnerView,
  partyView,
  profileView,
} from "./party-views.ts";
export { type RecordView, type ScopeView, type SessionView, scopeView } from "./scope-views.ts";
export {
  dryRunView,
  type FunctionView,
  functionViews,
  memorializedView,
  publicationPlanView,
  publicationView,
} from "./session-views.ts";

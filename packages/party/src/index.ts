export { affiliateOfParty } from "./affiliate-of-party.ts";
// What parties give to each other
export { isFingerprint, partyFingerprint } from "./card/fingerprint.ts";
export {
  CARD_BYTES_MAX,
  type CardSigners,
  type PartyCard,
  parsePartyCard,
  signPartyCard,
} from "./card/party-card.ts";
export {
  DEVELOPMENT_ENCRYPTION_PATH,
  DEVELOPMENT_SIGNING_PATH,
  type DevelopmentParty,
  developmentParties,
  developmentParty,
  isLoopback,
} from "./development-parties.ts";
export { FEE_MAX_FORM, feeMaxInNhash } from "./fee-max.ts";
export { type FundedAccount, fundAccount } from "./fund-account.ts";
export { giveTestMoney } from "./give-test-money.ts";
export { introduceAccount } from "./introduce-account.ts";
export {
  partyOfAddress,
  type Reader,
  requireAffiliateOf,
  requireParties,
  requireParty,
  requireReader,
} from "./known-parties.ts";
// Errors of calls, in the words of a profile
export { tellParties, withPartyTitles } from "./names-in-words.ts";
export type { LocatedNode } from "./node-target.ts";
export { connectNode, type OpenParty, type OpenPartyOptions, openParty } from "./open-party.ts";
export { atNode, LOCAL_NODE_URL, type NodeChoice, nodeOf, usualFeeMax } from "./other-node.ts";
export { changeByCard, type PartnerChange, samePartner, withoutPartner, withPartner } from "./partners.ts";
// The profile
export { findProfile, type ProfileSource, type WhereToLook } from "./profile/find-profile.ts";
export { parseProfile, profileText } from "./profile/parse-profile.ts";
export { isPartyTitle, type PartyName, parsePartyName } from "./profile/party-name.ts";
export {
  type DatabaseReference,
  knownParties,
  type LocatedProfile,
  type Partner,
  type PartyDescription,
  type Profile,
  type ProfileApprover,
  type ProfileApprovers,
  type ProfileKeys,
  type ProfileNode,
  type ProfileServing,
  type ProfileStore,
  type ProfileTls,
  partnerNamed,
  partyOfKey,
} from "./profile/profile.ts";
export {
  createProfile,
  ENVIRONMENT_FILE,
  makePartyFolder,
  PARTY_FOLDER,
  PROFILE_FILE,
  readNetwork,
  readProfile,
  requireNoProfile,
  requireOwnProfile,
  writeProfile,
} from "./profile/profile-file.ts";
export { updateProfile } from "./profile/update-profile.ts";
export { type KeyRegistry, registerOwnKeys, registerPartner, registerPendingPartners } from "./register-keys.ts";
export { indexPath, statePath } from "./state-path.ts";
// The own store, as its operator knows it
export {
  type DatabaseAccess,
  ownStoreAccess,
  readStoreFile,
  STORE_FILE,
  type StoreAccess,
  writeStoreFile,
} from "./store-file.ts";
export { type StoreTarget, storeTarget } from "./store-target.ts";
export { priceMessages, type SendOptions, type ShownCost, sendMessages } from "./transactions/send-messages.ts";
export {
  requireTransactionHash,
  type SentTransaction,
  sentHashesBeginning,
  sentTransaction,
  sentTransactions,
} from "./transactions/sent-transactions.ts";
export { type SaidElsewhere, tellWhose } from "./whose-peer.ts";
export { type PartyGetOptions, PartyObjects, type PartyPutOptions } from "./work/party-objects.ts";
export { PartyScopes, type ScopeChangeOptions } from "./work/party-scopes.ts";
export {
  type PartyScope,
  type PartySession,
  type PartySessionOptions,
  PartySessions,
  type SessionResult,
} from "./work/party-sessions.ts";
export { type PublishOptions, publishContract } from "./work/publish-contract.ts";

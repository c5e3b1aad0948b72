// The door for those who only look profiles up: no key, and nothing that the ledger or a store speaks, is loaded with it.
export { isFingerprint, partyFingerprint } from "../card/fingerprint.ts";
export { DEVELOPMENT_ENCRYPTION_PATH, DEVELOPMENT_SIGNING_PATH } from "../development-parties.ts";
export { type LastNamed, lastNamed, type Named, rememberNamed } from "../last-named.ts";
export { atNode } from "../other-node.ts";
export { ownStoreAccess, type StoreAccess } from "../store-file.ts";
export { type SaidElsewhere, tellWhose } from "../whose-peer.ts";
export { findProfile, type ProfileSource, type WhereToLook } from "./find-profile.ts";
export { isPartyTitle, type PartyName, parsePartyName } from "./party-name.ts";
export { type LocatedProfile, type Partner, type PartyDescription, type Profile, partyOfKey } from "./profile.ts";
export { ENVIRONMENT_FILE, PARTY_FOLDER, readNetwork, readProfile } from "./profile-file.ts";

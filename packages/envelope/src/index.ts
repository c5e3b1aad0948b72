export {
  type Audience,
  audienceKeyTexts,
  audienceText,
  decodeEnvelope,
  decodeUri,
  type Envelope,
  ownerKeyText,
} from "./audience-section.ts";
export {
  type ContainerHeader,
  ContainerHeaderParser,
  type ContainerSections,
  encodeContainerHeader,
  type ParsedHeader,
  parseContainer,
  type SectionName,
} from "./container-header.ts";
export { DEFAULT_ENVELOPE_LIMITS, type EnvelopeLimits } from "./limits.ts";
export type { ContainerProblem } from "./malformed.ts";
export {
  type ContainerMetadata,
  decodeMetadata,
  encodeMetadata,
  FILE_ENTRY,
  isMail,
  MAIL_TYPE,
  type MailType,
  mailTypeOf,
  SIGNATURE_PUBLIC_KEY,
} from "./metadata-section.ts";
export {
  type ContainerSignature,
  decodeSignatures,
  encodeSignatures,
  predictStoredHeaderLength,
  rewriteSignatures,
} from "./signature-section.ts";

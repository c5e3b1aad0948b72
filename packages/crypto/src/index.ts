// Keys
export { accountAddress } from "./account.ts";
export type { CurveBackend } from "./curve-backend.ts";
export { defaultBackend } from "./default-backend.ts";
// Ciphertexts
export { type Cryptogram, type EciesOptions, openCryptogram, sealCryptogram } from "./ecies.ts";
export { type FileDescription, openFileEntry, sealFileEntry } from "./file-entry.ts";
export {
  FRAME_OVERHEAD,
  FRAME_PLAINTEXT_MAX,
  type FrameKey,
  frameKey,
  type IvLengthMax,
  openFrame,
  sealFrame,
} from "./frame.ts";
export { hashSource } from "./hash-source.ts";
export {
  decryptMnemonic,
  decryptPrivateKeys,
  encryptMnemonic,
  encryptPrivateKeys,
  type KeyFileOptions,
  keyFileContent,
  keyFilePublicKeys,
  type PartyPrivateKeys,
} from "./key-file.ts";
export { type KeyReference, localKey } from "./key-reference.ts";
export { generateMnemonic, privateKeyFromMnemonic } from "./mnemonic.ts";
export { nativeBackend } from "./native-backend.ts";
// Objects
export {
  type OpenedContainer,
  type OpenedReport,
  type OpenOptions,
  openContainer,
  type VerifiedContainer,
  verifyContainer,
} from "./open-container.ts";
export { openFileDescription } from "./open-file-description.ts";
export { portableBackend } from "./portable-backend.ts";
export {
  generatePrivateKey,
  type PrivateKey,
  parsePrivateKey,
  privateKeyFromProto,
  privateKeyFromProtoHex,
} from "./private-key.ts";
export {
  privateKeyFromPem,
  privateKeyFromPkcs8,
  privateKeyToPkcs8,
  privateKeyToProto,
  privateKeyToSec1Pem,
} from "./private-key-encoding.ts";
export {
  type PublicKey,
  parsePublicKey,
  publicKeyFromBase64,
  publicKeyFromMessage,
  publicKeyFromPem,
  publicKeyFromProtoHex,
  publicKeyFromSpki,
} from "./public-key.ts";
export { type ReshareOptions, reshareHeader } from "./reshare.ts";
export {
  type Seal,
  type SealedBytes,
  type SealedObject,
  type SealOptions,
  sealBytes,
  sealObject,
} from "./seal-object.ts";
export {
  DEFAULT_SCRYPT_COST,
  type ScryptCost,
  type SealedFileOptions,
  type SealingOptions,
} from "./sealed-file.ts";
export { heapMemory, type SecretMemory, systemRandom } from "./secret-memory.ts";
// Signatures
export {
  DEFAULT_SIGNATURE_ALGORITHM,
  parseSignatureAlgorithm,
  type SignatureAlgorithm,
  signatureHash,
  signBytes,
  signDigest,
  signMessage,
  verifyBytes,
  verifyDigest,
  verifyMessage,
} from "./signature.ts";
export { openTextEnvelope, type TextEnvelopeOptions } from "./text-envelope.ts";
export { signTransaction, verifyTransactionSignature } from "./transaction-signature.ts";

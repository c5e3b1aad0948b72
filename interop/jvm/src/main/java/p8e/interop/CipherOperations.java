package p8e.interop;

import io.provenance.scope.encryption.aes.ProvenanceAESCrypt;
import io.provenance.scope.encryption.ecies.ECUtils;
import io.provenance.scope.encryption.ecies.ProvenanceECIESCipher;
import io.provenance.scope.encryption.ecies.ProvenanceECIESCryptogram;
import io.provenance.scope.encryption.experimental.aes.AesKt;
import io.provenance.scope.encryption.experimental.extensions.CryptoExtensionsKt;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import javax.crypto.spec.SecretKeySpec;

/** The AES-GCM frame and ECIES, each through every published encryptor and decryptor. */
final class CipherOperations {
  private CipherOperations() {}

  static void register(Map<String, Operation> operations) {
    operations.put("aesEncrypt", (request, answer) -> answer.put("frame", base64(encrypt(request))));
    operations.put("aesDecrypt", (request, answer) -> answer.put("plaintext", base64(decrypt(request))));
    operations.put("eciesEncrypt", (request, answer) -> {
      ProvenanceECIESCryptogram cryptogram =
          new ProvenanceECIESCipher().encrypt(request.bytes("plaintext"), request.publicKey("publicKey"), request.textOr("aad", null));
      answer.put("ephemeralPublicKey", base64(ECUtils.INSTANCE.convertPublicKeyToBytes(cryptogram.getEphemeralPublicKey())));
      answer.put("tag", base64(cryptogram.getTag()));
      answer.put("encryptedData", base64(cryptogram.getEncryptedData()));
    });
    operations.put("eciesDecrypt", (request, answer) -> {
      ProvenanceECIESCryptogram cryptogram = ECUtils.INSTANCE.getProvenanceCryptogram(
          request.text("ephemeralPublicKey"), request.text("tag"), request.text("encryptedData"), "secp256k1");
      byte[] plaintext = request.flag("experimental", false)
          ? CryptoExtensionsKt.eciesDecrypt(cryptogram, request.privateKey("privateKey"), new byte[12], utf8(request.textOr("aad", null)))
          : new ProvenanceECIESCipher().decrypt(cryptogram, request.keyRef("privateKey"), request.textOr("aad", null));
      answer.put("plaintext", base64(plaintext));
    });
  }

  private static byte[] encrypt(Request request) throws Exception {
    SecretKeySpec key = new SecretKeySpec(request.hex("key"), "AES");
    byte[] plaintext = request.bytes("plaintext");
    String aad = request.textOr("aad", null);
    // Only the experimental functions let the caller choose the IV; the frame is the same.
    if (request.has("iv")) {
      return request.text("form").equals("stream")
          ? AesKt.aesEncryptStream(new ByteArrayInputStream(plaintext), key, request.hex("iv"), utf8(aad)).readAllBytes()
          : AesKt.aesEncrypt(plaintext, key, request.hex("iv"), utf8(aad));
    }
    return request.text("form").equals("stream")
        ? ProvenanceAESCrypt.INSTANCE.encrypt(new ByteArrayInputStream(plaintext), aad, key, false, true).readAllBytes()
        : ProvenanceAESCrypt.INSTANCE.encrypt(plaintext, aad, key, request.flag("zeroIv", false));
  }

  private static byte[] decrypt(Request request) throws Exception {
    SecretKeySpec key = new SecretKeySpec(request.hex("key"), "AES");
    byte[] frame = request.bytes("frame");
    String aad = request.textOr("aad", null);
    boolean zeroIv = request.flag("zeroIv", false);
    switch (request.text("reader") + " " + request.text("form")) {
      case "aes bytes":
        return ProvenanceAESCrypt.INSTANCE.decrypt(frame, key.getEncoded(), aad, zeroIv);
      case "aes stream":
        return ProvenanceAESCrypt.INSTANCE.decrypt(new ByteArrayInputStream(frame), key.getEncoded(), aad, zeroIv).readAllBytes();
      case "envelope bytes":
        return AesKt.aesDecrypt(frame, key, utf8(aad));
      case "envelope stream":
        return AesKt.aesDecryptStream(new ByteArrayInputStream(frame), key, utf8(aad)).readAllBytes();
      default:
        throw new IllegalArgumentException("no such reader");
    }
  }

  private static byte[] utf8(String text) {
    return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
  }

  static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }
}

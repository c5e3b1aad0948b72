package p8e.interop;

import io.provenance.scope.encryption.crypto.CertificateUtil;
import io.provenance.scope.encryption.ecies.ECUtils;
import io.provenance.scope.encryption.ecies.ProvenanceKeyGenerator;
import io.provenance.scope.encryption.kdf.ProvenanceHKDFSHA256;
import io.provenance.scope.encryption.model.DirectKeyRef;
import io.provenance.scope.encryption.util.KeyExtensionsKt;
import io.provenance.scope.objectstore.util.UtilKt;
import io.provenance.scope.proto.PK;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.util.Map;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.bouncycastle.jce.interfaces.ECPrivateKey;
import org.bouncycastle.jce.interfaces.ECPublicKey;
import org.bouncycastle.util.encoders.Hex;

/** Keys in every representation the published code writes or reads. */
final class KeyOperations {
  private KeyOperations() {}

  static void register(Map<String, Operation> operations) {
    operations.put("generateKey", (request, answer) -> describe(ProvenanceKeyGenerator.INSTANCE.generateKeyPair("secp256k1"), answer));
    operations.put("privateKey", (request, answer) -> describe(request.keyPair("privateKey"), answer));
    operations.put("privateKeyProto", (request, answer) -> {
      PrivateKey secret = KeyExtensionsKt.toPrivateKey(KeyExtensionsKt.toPrivateKeyProto(request.text("proto")));
      answer.put("scalar", ((ECPrivateKey) secret).getD().toString(16));
      answer.put("rewritten", KeyExtensionsKt.toHex(secret));
    });
    operations.put("publicKey", (request, answer) -> describe(request.publicKey("publicKey"), answer));
    operations.put("publicKeyProto", (request, answer) -> describe(KeyExtensionsKt.toJavaPublicKey(request.text("proto")), answer));
    operations.put("publicKeyPem", (request, answer) -> describe(CertificateUtil.INSTANCE.pemToPublicKey(request.text("pem")), answer));
    operations.put("sharedSecret", (request, answer) -> {
      byte[] secret = new DirectKeyRef(request.keyPair("privateKey")).getSecretKey(request.publicKey("publicKey"));
      answer.put("sharedSecret", Hex.toHexString(secret));
      answer.put("hkdf", Hex.toHexString(ProvenanceHKDFSHA256.Companion.derive(secret, null, ECUtils.INSTANCE.getKDF_SIZE())));
    });
  }

  private static void describe(KeyPair pair, ObjectNode answer) {
    PrivateKey secret = pair.getPrivate();
    answer.put("privateKey", Hex.toHexString(ECUtils.INSTANCE.convertPrivateKeyToBytesPadded(secret)));
    answer.put("privateKeyProto", KeyExtensionsKt.toHex(secret));
    answer.put("privateKeyPkcs8", Hex.toHexString(secret.getEncoded()));
    answer.put("privateKeyPem", CertificateUtil.INSTANCE.privateKeyToPem(secret));
    describe(pair.getPublic(), answer);
  }

  private static void describe(PublicKey key, ObjectNode answer) {
    byte[] point = ECUtils.INSTANCE.convertPublicKeyToBytes(key);
    answer.put("publicKey", Hex.toHexString(point));
    answer.put("compressed", Hex.toHexString(((ECPublicKey) key).getQ().getEncoded(true)));
    answer.put("audienceText", ECUtils.INSTANCE.publicKeyEncoded(key));
    answer.put("publicKeyPem", CertificateUtil.INSTANCE.publicKeyToPem(key));
    answer.put("publicKeySpki", Hex.toHexString(key.getEncoded()));
    answer.put("storeHex", UtilKt.toHex(key));
    answer.put("proto", Hex.toHexString(PK.PublicKey.newBuilder()
        .setCurve(PK.KeyCurve.SECP256K1)
        .setType(PK.KeyType.ELLIPTIC)
        .setPublicKeyBytes(com.google.protobuf.ByteString.copyFrom(point))
        .setCompressed(false)
        .build().toByteArray()));
    answer.put("mainnetAddress", KeyExtensionsKt.getAddress(key, true));
    answer.put("testnetAddress", KeyExtensionsKt.getAddress(key, false));
  }
}

package p8e.interop;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.provenance.scope.encryption.crypto.Pen;
import io.provenance.scope.encryption.crypto.SignatureInputStream;
import io.provenance.scope.encryption.crypto.SignatureInputStreamKt;
import io.provenance.scope.encryption.crypto.SignerImpl;
import io.provenance.scope.encryption.ecies.ProvenanceKeyGenerator;
import io.provenance.scope.proto.Common;
import java.io.ByteArrayInputStream;
import java.util.Base64;
import java.util.Map;

/** Signatures over bytes (contracts) and over streams (objects). */
final class SignatureOperations {
  private SignatureOperations() {}

  static void register(Map<String, Operation> operations) {
    operations.put("sign", (request, answer) -> {
      SignerImpl signer = EnvelopeOperations.signer(request, "privateKey");
      describe(signer.sign(request.bytes("data")), answer);
      SignatureInputStream stream = SignatureInputStreamKt.sign(new ByteArrayInputStream(request.bytes("data")), signer);
      stream.readAllBytes();
      answer.put("streamSignature", CipherOperations.base64(stream.sign()));
    });
    operations.put("verify", (request, answer) -> {
      Common.Signature signature = request.has("proto")
          ? Common.Signature.parseFrom(request.bytes("proto"))
          : Common.Signature.newBuilder()
              .setAlgo(request.text("algo"))
              .setProvider(request.textOr("provider", "BC"))
              .setSignature(request.text("signature"))
              .build();
      // Verifying uses the key that is handed over; a pen just cannot be made without a pair of its own.
      Pen pen = new Pen(ProvenanceKeyGenerator.INSTANCE.generateKeyPair("secp256k1"));
      answer.put("verified", pen.verify(request.publicKey("publicKey"), request.bytes("data"), signature));
    });
    operations.put("verifyStream", (request, answer) -> {
      SignatureInputStream stream = SignatureInputStreamKt.verify(
          new ByteArrayInputStream(request.bytes("data")), request.publicKey("publicKey"),
          Base64.getDecoder().decode(request.text("signature")), request.textOr("algo", "SHA512withECDSA"));
      stream.readAllBytes();
      answer.put("verified", stream.verify());
    });
    operations.put("singleByteRead", (request, answer) -> {
      ByteArrayInputStream source = new ByteArrayInputStream(request.bytes("data"));
      SignatureInputStream stream = SignatureInputStreamKt.sign(source, EnvelopeOperations.signer(request, "privateKey"));
      answer.putArray("reads").add(stream.read()).add(stream.read());
    });
  }

  private static void describe(Common.Signature signature, ObjectNode answer) {
    answer.put("algo", signature.getAlgo());
    answer.put("provider", signature.getProvider());
    answer.put("signature", signature.getSignature());
    answer.put("proto", CipherOperations.base64(signature.toByteArray()));
  }
}

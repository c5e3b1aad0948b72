package p8e.interop;

import io.provenance.scope.encryption.dime.ProvenanceDIME;
import io.provenance.scope.encryption.model.DIMEProcessingModel;
import io.provenance.scope.encryption.proto.Encryption;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** The older text form: the payload lies inside the protobuf, by default under one more layer of base64. */
final class TextEnvelopeOperations {
  private TextEnvelopeOperations() {}

  static void register(Map<String, Operation> operations) {
    operations.put("sealText", (request, answer) -> {
      DIMEProcessingModel model = ProvenanceDIME.INSTANCE.createDIME(
          request.uuid("dimeUuid"), 0, request.text("text"), request.textOr("aad", ""), request.publicKey("owner"),
          Collections.emptyMap(), Map.of(Encryption.ContextType.TRANSFER, request.publicKeys("audience")), Collections.emptyMap(),
          Collections.emptyMap(), Collections.emptyMap(), List.copyOf(request.publicKeys("processing")), null,
          request.flag("legacyEncoding", true));
      answer.put("dime", CipherOperations.base64(model.getDime().toByteArray()));
      var processing = answer.putArray("processing");
      for (Encryption.Audience each : model.getProcessingAudience()) processing.add(CipherOperations.base64(each.toByteArray()));
    });
    operations.put("openText", (request, answer) -> {
      Encryption.DIME dime = Encryption.DIME.parseFrom(request.bytes("dime"));
      List<Encryption.Audience> audience = request.has("processing")
          ? List.of(Encryption.Audience.parseFrom(request.bytes("processing")))
          : dime.getAudienceList();
      byte[] dek = ProvenanceDIME.INSTANCE.getDEK(audience, request.keyRef("privateKey"), request.textOr("dekAad", ""));
      byte[] plaintext = ProvenanceDIME.INSTANCE.decryptDIME(dime, dek, request.textOr("payloadAad", ""));
      answer.put("text", new String(plaintext, StandardCharsets.UTF_8));
    });
  }
}

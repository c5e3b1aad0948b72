package p8e.interop;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.provenance.scope.encryption.crypto.CertificateUtil;
import io.provenance.scope.encryption.crypto.SignatureInputStream;
import io.provenance.scope.encryption.crypto.SignatureInputStreamKt;
import io.provenance.scope.encryption.crypto.SignerImpl;
import io.provenance.scope.encryption.crypto.SignerImpl.Companion.HashType;
import io.provenance.scope.encryption.dime.ProvenanceDIME;
import io.provenance.scope.encryption.domain.Signature;
import io.provenance.scope.encryption.domain.inputstream.DIMEInputStream;
import io.provenance.scope.encryption.model.DIMEStreamProcessingModel;
import io.provenance.scope.encryption.proto.Encryption;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.crypto.spec.SecretKeySpec;

/** The DIME container in its stream form: what objects, jars and mail are. */
final class EnvelopeOperations {
  static final String SIGNER_KEY = "SIGNATURE_PUBLIC_KEY";

  private EnvelopeOperations() {}

  static void register(Map<String, Operation> operations) {
    operations.put("seal", EnvelopeOperations::seal);
    operations.put("open", EnvelopeOperations::open);
    operations.put("parse", (request, answer) -> describe(DIMEInputStream.Companion.parse(request.content("container"), null, null, false, false), answer));
    operations.put("store", EnvelopeOperations::store);
    operations.put("headerJson", (request, answer) -> {
      // One byte of payload: a read across the end of the header never ends when nothing at all follows it.
      DIMEInputStream stream = new DIMEInputStream(Encryption.DIME.getDefaultInstance(), new ByteArrayInputStream(new byte[1]),
          request.map("metadata"), request.uuid("uuid"), request.textOr("uri", ""), signatures(request), false, false);
      answer.put("signatures", new String(stream.getSignaturesBytes(), StandardCharsets.UTF_8));
      answer.put("container", CipherOperations.base64(stream.readAllBytes()));
    });
  }

  /** The steps of the published client's put, up to the point where the bytes go to the wire. */
  static Sealed sealed(Request request, InputStream content) throws Exception {
    boolean sha256 = request.flag("sha256", true);
    SignerImpl signer = signer(request, "signer");
    SignatureInputStream signing = SignatureInputStreamKt.sign(content, signer);
    SecretKeySpec dek = request.has("dek") ? new SecretKeySpec(request.hex("dek"), "AES") : null;
    DIMEStreamProcessingModel dime = ProvenanceDIME.INSTANCE.createDIME(
        request.uuid("dimeUuid"), 0, signing, "", request.publicKey("owner"), Collections.emptyMap(),
        Map.of(Encryption.ContextType.RETRIEVAL, request.publicKeys("audience")), Collections.emptyMap(), List.of(), dek, sha256);
    Map<String, String> metadata = new LinkedHashMap<>(request.map("metadata"));
    metadata.put(SIGNER_KEY, CertificateUtil.INSTANCE.publicKeyToPem(signer.getPublicKey()));
    DIMEInputStream container = new DIMEInputStream(
        dime.getDime(), dime.getEncryptedPayload(), metadata, request.uuid("uuid"), "", List.of(), true, false);
    return new Sealed(container, signing, CertificateUtil.INSTANCE.publicKeyToPem(signer.getPublicKey()));
  }

  static final class Sealed {
    final DIMEInputStream container;
    final SignatureInputStream signing;
    final String signerPem;

    Sealed(DIMEInputStream container, SignatureInputStream signing, String signerPem) {
      this.container = container;
      this.signing = signing;
      this.signerPem = signerPem;
    }

    /** Valid once after the container was read to its end: reading the digest resets it. */
    byte[] hash(boolean lo) {
      byte[] hash = container.internalHash();
      return lo ? Arrays.copyOf(hash, 16) : hash;
    }
  }

  static SignerImpl signer(Request request, String name) throws Exception {
    SignerImpl signer = request.keyRef(name).signer();
    if (request.has("signatureHash")) signer.setHashType(HashType.valueOf(request.text("signatureHash")));
    if (request.has("deterministic")) signer.setDeterministic(request.flag("deterministic", false));
    return signer;
  }

  private static void seal(Request request, ObjectNode answer) throws Exception {
    Sealed sealed = sealed(request, request.content("plaintext"));
    byte[] container = sealed.container.readAllBytes();
    answer.put("container", CipherOperations.base64(container));
    answer.put("hash", CipherOperations.base64(sealed.hash(request.flag("lo", false))));
    answer.put("signature", CipherOperations.base64(sealed.signing.sign()));
    answer.put("signerPem", sealed.signerPem);
    answer.put("uuid", sealed.container.getUuid().toString());
  }

  private static void open(Request request, ObjectNode answer) throws Exception {
    DIMEInputStream container = DIMEInputStream.Companion.parse(request.content("container"), null, null, false, false);
    describe(container, answer);
    answer.setAll(opened(request, container));
  }

  /** Decrypts to the end, then verifies: the order every published reader keeps. */
  static ObjectNode opened(Request request, DIMEInputStream container) throws Exception {
    ObjectNode answer = Driver.JSON.createObjectNode();
    SignatureInputStream plain = request.has("expectedSigner")
        ? container.getDecryptedPayload(request.keyRef("privateKey"), request.publicKey("expectedSigner"))
        : container.getDecryptedPayload(request.keyRef("privateKey"));
    if (request.has("outPath")) {
      answer.put("length", Files.copy(plain, Path.of(request.text("outPath"))));
    } else {
      byte[] plaintext = plain.readAllBytes();
      answer.put("length", plaintext.length);
      answer.put("plaintext", CipherOperations.base64(plaintext));
    }
    answer.put("verified", plain.verify());
    return answer;
  }

  static void describe(DIMEInputStream container, ObjectNode answer) throws Exception {
    answer.put("uuid", container.getUuid().toString());
    answer.put("uri", container.getUri());
    ObjectNode metadata = answer.putObject("metadata");
    container.getMetadata().forEach(metadata::put);
    ArrayNode signatures = answer.putArray("signatures");
    for (Signature each : container.getSignatures()) {
      signatures.addObject()
          .put("signature", CipherOperations.base64(each.getSignature()))
          .put("publicKey", CipherOperations.base64(each.getPublicKey()));
    }
    Encryption.DIME dime = container.getDime();
    answer.put("dimeUuid", dime.getUuid().getValue());
    answer.put("dime", CipherOperations.base64(dime.toByteArray()));
    answer.put("owner", dime.getOwner().getPublicKey().toStringUtf8());
    ArrayNode audience = answer.putArray("audience");
    for (Encryption.Audience each : dime.getAudienceList()) {
      audience.addObject().put("publicKey", each.getPublicKey().toStringUtf8()).put("context", each.getContext().name());
    }
  }

  private static List<Signature> signatures(Request request) {
    List<Signature> signatures = new ArrayList<>();
    if (request.has("signature")) {
      signatures.add(new Signature(request.bytes("signature"), request.text("signerPem").getBytes(StandardCharsets.UTF_8)));
    }
    return signatures;
  }

  /** What a store makes of an upload, here re-serialised by the published code: a check of its JSON writer. */
  private static void store(Request request, ObjectNode answer) throws Exception {
    DIMEInputStream container =
        DIMEInputStream.Companion.parse(request.content("container"), null, signatures(request), false, false);
    answer.put("container", CipherOperations.base64(container.readAllBytes()));
  }
}

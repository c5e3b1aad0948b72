package p8e.interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.provenance.scope.encryption.ecies.ECUtils;
import io.provenance.scope.encryption.model.DirectKeyRef;
import io.provenance.scope.encryption.model.KeyRef;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.InvalidKeySpecException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.bouncycastle.util.encoders.Hex;

/** Typed reading of a command's fields; keys are built by the published code, never by ours. */
final class Request {
  private final ObjectNode fields;

  Request(ObjectNode fields) {
    this.fields = fields;
  }

  boolean has(String name) {
    return fields.hasNonNull(name);
  }

  String text(String name) {
    JsonNode value = fields.get(name);
    if (value == null || !value.isTextual()) throw new IllegalArgumentException("field " + name + " must be text");
    return value.textValue();
  }

  String textOr(String name, String otherwise) {
    return has(name) ? text(name) : otherwise;
  }

  long number(String name) {
    JsonNode value = fields.get(name);
    if (value == null || !value.isIntegralNumber()) throw new IllegalArgumentException("field " + name + " must be a whole number");
    return value.longValue();
  }

  boolean flag(String name, boolean otherwise) {
    return has(name) ? fields.get(name).booleanValue() : otherwise;
  }

  byte[] bytes(String name) {
    return Base64.getDecoder().decode(text(name));
  }

  byte[] hex(String name) {
    return Hex.decode(text(name));
  }

  UUID uuid(String name) {
    return has(name) ? UUID.fromString(text(name)) : UUID.randomUUID();
  }

  /** A JSON null keeps its key and becomes a Java null: the published encoder's treatment of those is under test. */
  Map<String, String> map(String name) {
    Map<String, String> map = new LinkedHashMap<>();
    if (has(name)) fields.get(name).fields().forEachRemaining(entry -> map.put(entry.getKey(), entry.getValue().textValue()));
    return map;
  }

  List<String> texts(String name) {
    List<String> texts = new ArrayList<>();
    if (has(name)) fields.get(name).forEach(each -> texts.add(each.textValue()));
    return texts;
  }

  PublicKey publicKey(String name) throws InvalidKeySpecException {
    return ECUtils.INSTANCE.convertBytesToPublicKey(hex(name), "secp256k1");
  }

  Set<PublicKey> publicKeys(String name) throws InvalidKeySpecException {
    Set<PublicKey> keys = new LinkedHashSet<>();
    for (String each : texts(name)) keys.add(ECUtils.INSTANCE.convertBytesToPublicKey(Hex.decode(each), "secp256k1"));
    return keys;
  }

  PrivateKey privateKey(String name) throws InvalidKeySpecException {
    return ECUtils.INSTANCE.convertBytesToPrivateKey(hex(name), "secp256k1");
  }

  KeyPair keyPair(String name) throws InvalidKeySpecException {
    PrivateKey secret = privateKey(name);
    return new KeyPair(ECUtils.INSTANCE.toPublicKey(secret, "secp256k1"), secret);
  }

  KeyRef keyRef(String name) throws InvalidKeySpecException {
    return new DirectKeyRef(keyPair(name));
  }

  /** The content of field NAME (base64), or of the file that field path names. */
  InputStream content(String name) throws IOException {
    if (has("path")) return new BufferedInputStream(Files.newInputStream(Path.of(text("path"))));
    return new ByteArrayInputStream(bytes(name));
  }

  long contentLength(String name) throws IOException {
    return has("path") ? Files.size(Path.of(text("path"))) : bytes(name).length;
  }
}

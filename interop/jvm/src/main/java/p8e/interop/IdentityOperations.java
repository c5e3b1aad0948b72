package p8e.interop;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.io.BaseEncoding;
import io.provenance.scope.objectstore.util.UtilKt;
import io.provenance.scope.util.ExtensionsKt;
import io.provenance.scope.util.MetadataAddress;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.bouncycastle.util.encoders.Hex;

/** Digests, uuids and metadata addresses. */
final class IdentityOperations {
  private IdentityOperations() {}

  static void register(Map<String, Operation> operations) {
    operations.put("hash", (request, answer) -> {
      byte[] data = request.bytes("data");
      answer.put("sha256", ExtensionsKt.sha256String(data));
      answer.put("sha512", ExtensionsKt.base64Sha512(data));
      answer.put("sha256Lo", UtilKt.base64EncodeString(UtilKt.sha256LoBytes(data)));
      byte[] lo = Arrays.copyOf(ExtensionsKt.sha512(data), 16);
      answer.put("sha512Lo", UtilKt.base64EncodeString(lo));
    });
    operations.put("metadataAddress", (request, answer) -> describe(address(request.text("kind"), request.texts("args")), answer));
    operations.put("metadataAddressParse", (request, answer) -> describe(request.has("bech32")
        ? MetadataAddress.Companion.fromBech32(request.text("bech32"))
        : MetadataAddress.Companion.fromBytes(request.hex("bytes")), answer));
    // Many at once; a name that is refused has null.
    operations.put("nameHashes", (request, answer) -> {
      UUID scope = new UUID(0, 0);
      var hashes = answer.putArray("hashes");
      for (String name : request.texts("names")) {
        try {
          hashes.add(Hex.toHexString(MetadataAddress.Companion.forRecord(scope, name).getSecondaryBytes()));
        } catch (IllegalArgumentException refused) {
          hashes.addNull();
        }
      }
    });
    operations.put("bytesToUuid", (request, answer) -> {
      UUID uuid = UtilKt.toUuid(request.hex("bytes"));
      answer.put("uuid", uuid.toString());
      answer.put("written", Hex.toHexString(UtilKt.toByteArray(uuid)));
    });
    operations.put("base64Decode", (request, answer) -> {
      byte[] decoded = request.text("decoder").equals("guava")
          ? BaseEncoding.base64().decode(request.text("text"))
          : Base64.getDecoder().decode(request.text("text"));
      answer.put("hex", Hex.toHexString(decoded));
    });
  }

  private static MetadataAddress address(String kind, List<String> args) {
    UUID first = UUID.fromString(args.get(0));
    switch (kind) {
      case "scope":
        return MetadataAddress.Companion.forScope(first);
      case "session":
        return MetadataAddress.Companion.forSession(first, UUID.fromString(args.get(1)));
      case "record":
        return MetadataAddress.Companion.forRecord(first, args.get(1));
      case "contractspec":
        return MetadataAddress.Companion.forContractSpecification(first);
      case "scopespec":
        return MetadataAddress.Companion.forScopeSpecification(first);
      case "recspec":
        return MetadataAddress.Companion.forRecordSpecification(first, args.get(1));
      default:
        throw new IllegalArgumentException("no such kind of address");
    }
  }

  private static void describe(MetadataAddress address, ObjectNode answer) {
    answer.put("bech32", address.toString());
    answer.put("bytes", Hex.toHexString(address.getBytes()));
    answer.put("prefix", address.getPrefix());
    answer.put("primaryUuid", address.getPrimaryUuid().toString());
  }
}

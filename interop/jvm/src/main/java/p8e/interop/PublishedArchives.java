package p8e.interop;

import com.google.protobuf.StringValue;
import io.provenance.scope.contract.contracts.ContractHash;
import io.provenance.scope.contract.proto.ProtoHash;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

/**
 * What the publishing plugin leaves in an application: which archive holds which class. The plugin generates these classes
 * with the hashes in them; here they are told, since the archives are made while the driver runs.
 */
public final class PublishedArchives {
  /** Pairs the two. */
  private static final String PUBLICATION = "1";

  private static volatile String contractHash = "";
  private static volatile String protoHash = "";

  private PublishedArchives() {}

  static void tell(String contract, String proto) {
    contractHash = contract;
    protoHash = proto;
  }

  /** An archive of these classes, the same bytes each time. */
  static byte[] archive(Class<?>... types) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JarOutputStream archive = new JarOutputStream(bytes)) {
      for (Class<?> type : types) {
        String path = type.getName().replace('.', '/') + ".class";
        JarEntry entry = new JarEntry(path);
        entry.setTime(0);
        archive.putNextEntry(entry);
        try (InputStream code = type.getClassLoader().getResourceAsStream(path)) {
          code.transferTo(archive);
        }
        archive.closeEntry();
      }
    }
    return bytes.toByteArray();
  }

  public static final class Contracts implements ContractHash {
    @Override
    public Map<String, Boolean> getClasses() {
      return Map.of(NoteContract.class.getName(), true);
    }

    @Override
    public String getHash() {
      return contractHash;
    }

    @Override
    public String getUuid() {
      return PUBLICATION;
    }
  }

  public static final class Protos implements ProtoHash {
    @Override
    public Map<String, Boolean> getClasses() {
      return Map.of(StringValue.class.getName(), true);
    }

    @Override
    public String getHash() {
      return protoHash;
    }

    @Override
    public String getUuid() {
      return PUBLICATION;
    }
  }
}

import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.GenericDescriptor;
import com.google.protobuf.GeneratedMessageV3;
import com.google.protobuf.Message;
import com.google.protobuf.ProtocolMessageEnum;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Prints the binary class name and the Protocol Buffers name of every message and enum in a folder and in a jar. */
public final class ListClasses {
  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    for (Path file : classFiles(folder)) print(folder.relativize(file).toString());
    try (FileSystem jar = FileSystems.newFileSystem(Path.of(args[1]), (ClassLoader) null)) {
      for (Path file : classFiles(jar.getPath("/com/google/protobuf"))) print(file.toString().substring(1));
    }
  }

  private static List<Path> classFiles(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(".class")).collect(Collectors.toList());
    }
  }

  private static void print(String file) throws Exception {
    String name = file.replaceAll("\\.class$", "").replace('/', '.').replace('\\', '.');
    Class<?> found = Class.forName(name, false, ListClasses.class.getClassLoader());
    boolean isMessage = Message.class.isAssignableFrom(found) && GeneratedMessageV3.class.isAssignableFrom(found);
    if ((!isMessage && !ProtocolMessageEnum.class.isAssignableFrom(found)) || found.isInterface() || found == GeneratedMessageV3.class) return;
    GenericDescriptor descriptor;
    try {
      descriptor = (GenericDescriptor) found.getMethod("getDescriptor").invoke(null);
    } catch (NoSuchMethodException | NullPointerException notGenerated) {
      return;
    }
    System.out.println((descriptor instanceof EnumDescriptor ? "enum" : "message") + " " + found.getName() + " " + descriptor.getFullName());
  }
}

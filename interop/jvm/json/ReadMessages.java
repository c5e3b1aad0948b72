import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.util.JsonFormat;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads messages as Protocol Buffers for Java does, JSON with JsonFormat's parser as it is by default. The one argument is
 * a file with a serialized FileDescriptorSet. Each line of standard input is "FORM TYPE BASE64", FORM being json or binary;
 * each line of standard output answers one: "ok BASE64" with the message written again, or "no REASON".
 */
public final class ReadMessages {
  public static void main(String[] arguments) throws Exception {
    Map<String, FileDescriptor> files = new LinkedHashMap<>();
    FileDescriptorSet set = FileDescriptorSet.parseFrom(Files.readAllBytes(Path.of(arguments[0])));
    // Each file stands behind those it imports.
    for (FileDescriptorProto file : set.getFileList()) {
      List<FileDescriptor> needed = new ArrayList<>();
      for (String name : file.getDependencyList()) needed.add(files.get(name));
      files.put(file.getName(), FileDescriptor.buildFrom(file, needed.toArray(new FileDescriptor[0])));
    }
    Map<String, Descriptor> types = new LinkedHashMap<>();
    JsonFormat.TypeRegistry.Builder registry = JsonFormat.TypeRegistry.newBuilder();
    for (FileDescriptor file : files.values()) {
      registry.add(file.getMessageTypes());
      for (Descriptor type : file.getMessageTypes()) types.put(type.getFullName(), type);
    }
    JsonFormat.Parser parser = JsonFormat.parser().usingTypeRegistry(registry.build());
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String[] words = line.split(" ", -1);
      byte[] given = Base64.getDecoder().decode(words[2]);
      out.println(answer(parser, words[0], types.get(words[1]), given));
    }
    out.flush();
  }

  private static String answer(JsonFormat.Parser parser, String form, Descriptor type, byte[] given) throws Exception {
    DynamicMessage message;
    try {
      if (form.equals("json")) {
        DynamicMessage.Builder builder = DynamicMessage.newBuilder(type);
        parser.merge(new InputStreamReader(new java.io.ByteArrayInputStream(given), StandardCharsets.UTF_8), builder);
        message = builder.build();
      } else {
        message = DynamicMessage.parseFrom(type, given);
      }
    } catch (Exception | StackOverflowError refused) {
      return "no " + String.valueOf(refused.getMessage()).replace('\n', ' ');
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream written = CodedOutputStream.newInstance(bytes);
    written.useDeterministicSerialization();
    message.writeTo(written);
    written.flush();
    return "ok " + Base64.getEncoder().encodeToString(bytes.toByteArray());
  }
}

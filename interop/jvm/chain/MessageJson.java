import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** For each line "CLASS BASE64", prints the message as one line of JSON, or "!" and why that is impossible. */
public final class MessageJson {
  public static void main(String[] args) throws Exception {
    JsonFormat.Printer printer = JsonFormat.printer().preservingProtoFieldNames().omittingInsignificantWhitespace();
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line; (line = lines.readLine()) != null; ) {
      String[] parts = line.split(" ", 2);
      String answer;
      try {
        Class<?> type = Class.forName(parts[0]);
        Message message = (Message) type.getMethod("parseFrom", byte[].class).invoke(null, (Object) Base64.getDecoder().decode(parts[1]));
        answer = printer.print(message);
      } catch (ReflectiveOperationException absent) {
        answer = "!" + absent;
      }
      System.out.println(answer.replace("\n", " "));
    }
  }
}

package p8e.interop;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.security.Security;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/**
 * Reads one JSON command a line from standard input and answers one JSON line each, in order.
 *
 * A command is {"id":N,"op":NAME,...}; the answer {"id":N,"ok":true,...} or {"id":N,"ok":false,"error":{"type":CLASS,
 * "message":TEXT,"causes":[CLASS...],"status":GRPC_CODE,"description":TEXT}}. Bytes travel as standard base64, keys and
 * digests as hexadecimal text.
 */
public final class Driver {
  static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, Operation> operations = new HashMap<>();

  private Driver() {
    KeyOperations.register(operations);
    CipherOperations.register(operations);
    EnvelopeOperations.register(operations);
    TextEnvelopeOperations.register(operations);
    SignatureOperations.register(operations);
    IdentityOperations.register(operations);
    MessageOperations.register(operations);
    StoreOperations.register(operations);
    ContractOperations.register(operations);
    SessionOperations.register(operations);
  }

  public static void main(String[] args) throws Exception {
    // A deployment may have installed BouncyCastle ahead of the JDK's providers; streaming decryption differs then.
    if (Boolean.getBoolean("p8e.bouncyCastleFirst")) {
      Security.insertProviderAt(new BouncyCastleProvider(), 1);
    } else {
      Security.addProvider(new BouncyCastleProvider());
    }
    PrintStream answers = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    System.setOut(System.err); // whatever a library prints must not end up between the answers
    Driver driver = new Driver();
    BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line; (line = commands.readLine()) != null; ) {
      answers.print(JSON.writer().without(JsonGenerator.Feature.AUTO_CLOSE_TARGET).writeValueAsString(driver.answer(line)));
      answers.print('\n');
      answers.flush();
    }
    System.exit(0); // gRPC and decryption pools leave threads behind
  }

  private ObjectNode answer(String line) {
    ObjectNode answer = JSON.createObjectNode();
    try {
      Request request = new Request((ObjectNode) JSON.readTree(line));
      answer.put("id", request.number("id"));
      Operation operation = operations.get(request.text("op"));
      if (operation == null) throw new IllegalArgumentException("no such operation: " + request.text("op"));
      operation.run(request, answer);
      answer.put("ok", true);
    } catch (Throwable thrown) {
      answer.put("ok", false);
      answer.set("error", describe(thrown instanceof ExecutionException && thrown.getCause() != null ? thrown.getCause() : thrown));
    }
    return answer;
  }

  private static ObjectNode describe(Throwable thrown) {
    ObjectNode error = JSON.createObjectNode();
    error.put("type", thrown.getClass().getName());
    error.put("message", String.valueOf(thrown.getMessage()));
    ArrayNode causes = error.putArray("causes");
    Throwable cause = thrown.getCause();
    for (int depth = 0; cause != null && depth < 10; depth++, cause = cause.getCause()) causes.add(cause.getClass().getName());
    Status status = statusOf(thrown);
    if (status != null) {
      error.put("status", status.getCode().name());
      error.put("description", status.getDescription());
    }
    return error;
  }

  private static Status statusOf(Throwable thrown) {
    for (Throwable each = thrown; each != null; each = each.getCause()) {
      if (each instanceof StatusRuntimeException) return ((StatusRuntimeException) each).getStatus();
      if (each instanceof StatusException) return ((StatusException) each).getStatus();
    }
    return null;
  }
}

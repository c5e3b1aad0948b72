package p8e.interop;

import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.provenance.scope.objectstore.util.UtilKt;
import java.util.Map;

/** Protobuf messages of any class in the published jars, read and written by the Java runtime. */
final class MessageOperations {
  private MessageOperations() {}

  static void register(Map<String, Operation> operations) {
    // The bytes a Java reader writes again: equal only when both sides serialise canonically and know the same fields.
    operations.put("reserialize", (request, answer) -> {
      byte[] written = parse(request).toByteArray();
      answer.put("bytes", CipherOperations.base64(written));
      answer.put("lo", UtilKt.base64EncodeString(UtilKt.sha256LoBytes(written)));
    });
    operations.put("json", (request, answer) ->
        answer.set("json", Driver.JSON.readTree(JsonFormat.printer().preservingProtoFieldNames().print(parse(request)))));
  }

  static Message parse(Request request) throws Exception {
    Class<?> type = Class.forName(request.text("classname"));
    return (Message) type.getMethod("parseFrom", byte[].class).invoke(null, (Object) request.bytes("message"));
  }
}

package p8e.interop;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.provenance.objectstore.proto.ObjectServiceGrpc;
import io.provenance.objectstore.proto.Objects;
import io.provenance.objectstore.proto.PublicKeyServiceGrpc;
import io.provenance.objectstore.proto.PublicKeys;
import io.provenance.scope.contract.proto.Specifications;
import io.provenance.scope.encryption.domain.inputstream.DIMEInputStream;
import io.provenance.scope.objectstore.client.CachedOsClient;
import io.provenance.scope.objectstore.client.InputStreamChunkedIterator;
import io.provenance.scope.objectstore.client.ObjectHash;
import io.provenance.scope.objectstore.client.OsClient;
import io.provenance.scope.objectstore.client.OsClientKt;
import io.provenance.scope.objectstore.client.SingleResponseFutureObserver;
import io.provenance.scope.objectstore.util.UtilKt;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import kotlin.Pair;
import kotlin.sequences.SequencesKt;

/** The published object store client against a running store; "url" is grpc://HOST:PORT. */
final class StoreOperations {
  private static final long DEADLINE_MS = 60_000;

  private StoreOperations() {}

  static void register(Map<String, Operation> operations) {
    operations.put("put", (request, answer) -> with(request, client -> {
      long length = request.has("contentLength") ? request.number("contentLength") : request.contentLength("plaintext");
      try (InputStream content = request.content("plaintext")) {
        describe(client.put(content, request.publicKey("owner"), EnvelopeOperations.signer(request, "signer"), length,
            request.publicKeys("audience"), request.map("metadata"), request.uuid("uuid"), request.flag("lo", false)).get(), answer);
      }
    }));
    operations.put("putMessage", (request, answer) -> with(request, client -> describe(
        client.put(MessageOperations.parse(request), request.publicKey("owner"), EnvelopeOperations.signer(request, "signer"),
            request.publicKeys("audience"), request.map("metadata"), request.uuid("uuid"), request.flag("lo", false)).get(), answer)));
    operations.put("putStream", StoreOperations::putStream);
    operations.put("get", (request, answer) -> with(request, client -> {
      DIMEInputStream container = client.get(request.bytes("hash"), request.publicKey("publicKey")).get();
      EnvelopeOperations.describe(container, answer);
      if (request.has("privateKey")) answer.setAll(EnvelopeOperations.opened(request, container));
    }));
    operations.put("putRecord", (request, answer) -> withCached(request, client -> {
      Message message = MessageOperations.parse(request);
      // The overload for a contract specification is chosen by its static type, and always truncates the hash.
      ObjectHash hash = message instanceof Specifications.ContractSpec && !request.flag("asMessage", false)
          ? client.putRecord((Specifications.ContractSpec) message, request.keyRef("signer"), request.keyRef("ownerKey"),
              request.publicKeys("audience"), request.uuid("uuid")).get()
          : client.putRecord(message, request.keyRef("signer"), request.keyRef("ownerKey"),
              request.publicKeys("audience"), request.uuid("uuid"), request.flag("lo", false)).get();
      answer.put("hash", hash.getValue());
    }));
    operations.put("getRecord", (request, answer) -> withCached(request, client -> {
      Message message = client.getRecord(request.text("classname"), request.bytes("hash"), request.keyRef("privateKey")).get();
      answer.put("message", CipherOperations.base64(message.toByteArray()));
      answer.put("classname", message.getClass().getName());
    }));
    operations.put("putJar", (request, answer) -> withCached(request, client -> {
      try (InputStream content = request.content("plaintext")) {
        ObjectHash hash = client.putJar(content, request.keyRef("signer"), request.keyRef("ownerKey"),
            request.contentLength("plaintext"), request.publicKeys("audience"), request.uuid("uuid")).get();
        answer.put("hash", hash.getValue());
      }
    }));
    operations.put("getJar", (request, answer) -> withCached(request, client -> {
      try (InputStream content = client.getJar(request.bytes("hash"), request.keyRef("privateKey")).get()) {
        if (request.has("outPath")) answer.put("length", Files.copy(content, Path.of(request.text("outPath"))));
        else answer.put("plaintext", CipherOperations.base64(content.readAllBytes()));
      }
    }));
    operations.put("mailboxGet", (request, answer) -> with(request, client -> {
      ArrayNode mail = answer.putArray("mail");
      for (Pair<UUID, DIMEInputStream> each
          : SequencesKt.toList(client.mailboxGet(request.publicKey("publicKey"), (int) request.number("maxResults")))) {
        ObjectNode item = mail.addObject();
        item.put("mailUuid", each.getFirst().toString());
        EnvelopeOperations.describe(each.getSecond(), item);
        if (request.has("privateKey")) item.setAll(EnvelopeOperations.opened(request, each.getSecond()));
      }
    }));
    operations.put("mailboxAck", (request, answer) -> with(request, client -> client.mailboxAck(request.uuid("mailUuid"))));
    operations.put("publicKeyAdd", (request, answer) -> with(request, client ->
        describe(client.createPublicKey(request.publicKey("publicKey"), request.textOr("objectStoreUrl", null)), answer)));
    // Later releases of the client also send the signing key, in a field that the store has retired since.
    operations.put("publicKeyAddWithSigningKey", (request, answer) -> withChannel(request, channel -> describe(
        PublicKeyServiceGrpc.newBlockingStub(channel).withDeadlineAfter(DEADLINE_MS, TimeUnit.MILLISECONDS).add(
            PublicKeys.PublicKeyRequest.newBuilder()
                .setSigningPublicKey(UtilKt.toPublicKeyProtoOS(request.publicKey("signingKey")))
                .setPublicKey(UtilKt.toPublicKeyProtoOS(request.publicKey("publicKey")))
                .setUrl(request.textOr("objectStoreUrl", ""))
                .build()), answer)));
  }

  /**
   * A put whose digest and chunk size can be chosen: this release's client always names SHA-256, while older and newer
   * ones write SHA-512 objects with the very same classes. Messages leave in the client's order.
   */
  private static void putStream(Request request, ObjectNode answer) throws Exception {
    withChannel(request, channel -> {
      EnvelopeOperations.Sealed sealed = EnvelopeOperations.sealed(request, request.content("plaintext"));
      var observer = new SingleResponseFutureObserver<Objects.ObjectResponse>();
      var sink = ObjectServiceGrpc.newStub(channel).withDeadlineAfter(DEADLINE_MS, TimeUnit.MILLISECONDS).put(observer);
      sink.onNext(Objects.ChunkBidi.newBuilder().setMultiStreamHeader(Objects.MultiStreamHeader.newBuilder()
          .setStreamCount(1).putMetadata(OsClientKt.CREATED_BY_HEADER, new UUID(0, 0).toString())).build());
      int chunkSize = request.has("chunkSize") ? (int) request.number("chunkSize") : 2 * 1024 * 1024;
      var chunks = new InputStreamChunkedIterator(
          sealed.container, OsClientKt.DIME_FIELD_NAME, request.contentLength("plaintext"), chunkSize);
      sink.onNext(chunks.next());
      if (request.has("pauseMs")) Thread.sleep(request.number("pauseMs"));
      while (chunks.hasNext()) sink.onNext(chunks.next());
      sink.onNext(OsClientKt.propertyChunkRequest(new Pair<>(OsClientKt.HASH_FIELD_NAME, sealed.hash(request.flag("lo", false)))));
      sink.onNext(OsClientKt.propertyChunkRequest(new Pair<>(OsClientKt.SIGNATURE_FIELD_NAME, sealed.signing.sign())));
      sink.onNext(OsClientKt.propertyChunkRequest(
          new Pair<>(OsClientKt.SIGNATURE_PUBLIC_KEY_FIELD_NAME, sealed.signerPem.getBytes(java.nio.charset.StandardCharsets.UTF_8))));
      sink.onCompleted();
      describe(observer.getFuture().get(DEADLINE_MS, TimeUnit.MILLISECONDS), answer);
    });
  }

  private static void describe(Objects.ObjectResponse response, ObjectNode answer) {
    answer.put("uuid", response.getUuid().getValue());
    answer.put("dimeUuid", response.getDimeUuid().getValue());
    answer.put("hash", CipherOperations.base64(response.getHash().toByteArray()));
    answer.put("uri", response.getUri());
    answer.put("bucket", response.getBucket());
    answer.put("name", response.getName());
    answer.put("storedLength", response.getMetadata().getLength());
    answer.put("contentLength", response.getMetadata().getContentLength());
    answer.put("hasCreated", response.hasCreated());
  }

  private static void describe(PublicKeys.PublicKeyResponse response, ObjectNode answer) {
    answer.put("uuid", response.getUuid().getValue());
    answer.put("publicKey", org.bouncycastle.util.encoders.Hex.toHexString(response.getPublicKey().getSecp256K1().toByteArray()));
    answer.put("objectStoreUrl", response.getUrl());
    answer.put("hasMetadata", response.hasMetadata());
    answer.put("hasCreatedAt", response.hasCreatedAt());
    answer.put("hasUpdatedAt", response.hasUpdatedAt());
  }

  interface Use<T> {
    void with(T resource) throws Exception;
  }

  private static void with(Request request, Use<OsClient> use) throws Exception {
    long deadline = request.has("deadlineMs") ? request.number("deadlineMs") : DEADLINE_MS;
    OsClient client = new OsClient(URI.create(request.text("url")), deadline, builder -> builder, request.map("headers"));
    try (client) {
      use.with(client);
    } finally {
      client.awaitTermination(5, TimeUnit.SECONDS);
    }
  }

  private static void withCached(Request request, Use<CachedOsClient> use) throws Exception {
    with(request, client -> {
      CachedOsClient cached = new CachedOsClient(client, (short) 2, (short) 4, 0);
      try {
        use.with(cached);
      } finally {
        cached.getDecryptionWorkerThreadPool().shutdown();
      }
    });
  }

  static void withChannel(Request request, Use<ManagedChannel> use) throws Exception {
    URI url = URI.create(request.text("url"));
    // With the pings that the published client sends.
    ManagedChannel channel = ManagedChannelBuilder.forAddress(url.getHost(), url.getPort()).usePlaintext()
        .idleTimeout(60, TimeUnit.SECONDS).keepAliveTime(10, TimeUnit.SECONDS).keepAliveTimeout(10, TimeUnit.SECONDS).build();
    try {
      use.with(channel);
    } finally {
      channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    }
  }
}

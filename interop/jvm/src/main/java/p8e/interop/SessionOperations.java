package p8e.interop;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Message;
import com.google.protobuf.StringValue;
import com.google.protobuf.UnknownFieldSet;
import io.grpc.ManagedChannel;
import io.provenance.metadata.v1.QueryGrpc;
import io.provenance.metadata.v1.ScopeRequest;
import io.provenance.metadata.v1.ScopeResponse;
import io.provenance.scope.contract.proto.Specifications.PartyType;
import io.provenance.scope.sdk.Affiliate;
import io.provenance.scope.sdk.Client;
import io.provenance.scope.sdk.ClientConfig;
import io.provenance.scope.sdk.ExecutionResult;
import io.provenance.scope.sdk.Session;
import io.provenance.scope.sdk.SharedClient;
import io.provenance.scope.sdk.SignedResult;
import java.net.URI;
import java.security.PublicKey;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Sessions by the published SDK: it runs the contract, stores what belongs to it, and says what to write to the ledger. */
final class SessionOperations {
  /** Of ScopeRequest, which came after these classes; without it a node leaves the request out of its answer. */
  private static final int INCLUDE_REQUEST = 98;

  private static final long CACHE_BYTES = 10_000_000;

  private SessionOperations() {}

  static void register(Map<String, Operation> operations) {
    operations.put("noteArchives", (request, answer) -> {
      answer.put("contract", CipherOperations.base64(PublishedArchives.archive(NoteContract.class)));
      answer.put("protos", CipherOperations.base64(PublishedArchives.archive(StringValue.class)));
      answer.put("scopeSpecificationName", NoteScope.NAME);
      answer.put("scopeSpecificationUuid", NoteScope.UUID);
    });
    operations.put("executeNote", (request, answer) -> with(request, client -> {
      PublishedArchives.tell(request.text("contractHash"), request.text("protoHash"));
      Session.Builder builder = request.has("scope")
          ? client.newSession(NoteContract.class, ScopeResponse.parseFrom(request.bytes("scope")))
          : client.newSession(NoteContract.class, NoteScope.class).setScopeUuid(request.uuid("scopeUuid"));
      for (PublicKey reader : request.publicKeys("dataAccess")) builder.addDataAccessKey(reader);
      builder.addProposedRecord("text", StringValue.of(request.text("text")));
      Session session = builder.build();
      ExecutionResult result = client.execute(session);
      answer.put("result", result.getClass().getSimpleName());
      answer.put("sessionUuid", session.getSessionUuid().toString());
      ArrayNode messages = answer.putArray("messages");
      for (Message message : ((SignedResult) result).getMessages()) {
        ObjectNode each = messages.addObject();
        each.put("typeUrl", "/" + message.getDescriptorForType().getFullName());
        each.put("value", CipherOperations.base64(message.toByteArray()));
      }
    }));
    operations.put("scope", (request, answer) -> StoreOperations.withChannel(request, channel ->
        answer.put("scope", CipherOperations.base64(scope(channel, request).toByteArray()))));
    operations.put("hydrateNote", (request, answer) -> with(request, client -> {
      NoteRecords records = client.hydrate(NoteRecords.class, ScopeResponse.parseFrom(request.bytes("scope")));
      answer.put("note", records.note == null ? null : records.note.getValue());
    }));
  }

  private static ScopeResponse scope(ManagedChannel channel, Request request) {
    ScopeRequest.Builder query = ScopeRequest.newBuilder()
        .setScopeId(request.text("address")).setIncludeSessions(true).setIncludeRecords(true);
    if (request.flag("includeRequest", false)) {
      query.setUnknownFields(UnknownFieldSet.newBuilder()
          .addField(INCLUDE_REQUEST, UnknownFieldSet.Field.newBuilder().addVarint(1).build()).build());
    }
    return QueryGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS).scope(query.build());
  }

  private static void with(Request request, StoreOperations.Use<Client> use) throws Exception {
    ClientConfig config = new ClientConfig(CACHE_BYTES, CACHE_BYTES, CACHE_BYTES, URI.create(request.text("url")), 30_000,
        (short) 4, (short) 2, builder -> builder, false, Map.of());
    Affiliate affiliate = new Affiliate(request.keyRef("signer"), request.keyRef("encryptionKey"), PartyType.OWNER);
    try (SharedClient shared = new SharedClient(config)) {
      shared.getAffiliateRepository().addAffiliate(
          affiliate.getSigningKeyRef().getPublicKey(), affiliate.getEncryptionKeyRef().getPublicKey());
      for (PublicKey reader : request.publicKeys("affiliates")) shared.getAffiliateRepository().addAffiliate(reader, reader);
      use.with(new Client(shared, affiliate));
    }
  }
}

package p8e.interop;

import io.provenance.scope.contract.proto.Commons.ProvenanceReference;
import io.provenance.scope.contract.proto.Specifications.ContractSpec;
import io.provenance.scope.contract.spec.P8eContract;
import io.provenance.scope.objectstore.util.UtilKt;
import io.provenance.scope.sdk.ContractSpecMapper;
import java.util.Map;
import kotlin.jvm.JvmClassMappingKt;

/** A contract specification as the published SDK derives it from an annotated class. */
final class ContractOperations {
  private ContractOperations() {}

  static void register(Map<String, Operation> operations) {
    operations.put("contractSpecification", (request, answer) -> {
      Class<? extends P8eContract> type = request.flag("ofNote", false) ? NoteContract.class : LedgerEntryContract.class;
      ContractSpec spec = ContractSpecMapper.INSTANCE.dehydrateSpec(
          JvmClassMappingKt.getKotlinClass(type),
          ProvenanceReference.newBuilder().setHash(request.text("contractHash")).build(),
          ProvenanceReference.newBuilder().setHash(request.text("protoHash")).build());
      byte[] bytes = spec.toByteArray();
      answer.put("specification", CipherOperations.base64(bytes));
      answer.put("hash", UtilKt.base64EncodeString(UtilKt.sha256LoBytes(bytes)));
      answer.put("uuid", UtilKt.toUuid(UtilKt.sha256LoBytes(bytes)).toString());
      answer.put("contract", CipherOperations.base64(ContractSpecMapper.INSTANCE.newContract(spec).build().toByteArray()));
    });
  }
}

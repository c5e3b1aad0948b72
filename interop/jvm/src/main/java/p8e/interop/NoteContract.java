package p8e.interop;

import com.google.protobuf.StringValue;
import io.provenance.scope.contract.annotations.Function;
import io.provenance.scope.contract.annotations.Input;
import io.provenance.scope.contract.annotations.Participants;
import io.provenance.scope.contract.annotations.Record;
import io.provenance.scope.contract.annotations.ScopeSpecification;
import io.provenance.scope.contract.proto.Specifications.PartyType;
import io.provenance.scope.contract.spec.P8eContract;

/** A contract that one party runs alone, so that a session of it is complete at once. */
@Participants(roles = {PartyType.OWNER})
@ScopeSpecification(names = {NoteScope.NAME})
public class NoteContract extends P8eContract {
  @Function(invokedBy = PartyType.OWNER)
  @Record(name = "note")
  public StringValue recordNote(@Input(name = "text") StringValue text) {
    return StringValue.of("noted: " + text.getValue());
  }
}

package p8e.interop;

import io.provenance.scope.contract.annotations.ScopeSpecificationDefinition;
import io.provenance.scope.contract.proto.Specifications.PartyType;
import io.provenance.scope.contract.spec.P8eScopeSpecification;

/** The scopes that {@link NoteContract} writes. */
@ScopeSpecificationDefinition(
    uuid = NoteScope.UUID,
    name = NoteScope.NAME,
    description = "A note",
    partiesInvolved = {PartyType.OWNER})
public class NoteScope extends P8eScopeSpecification {
  static final String NAME = "p8e.interop.note";
  static final String UUID = "5c0be5be-c1f1-4f0a-9f57-3b1d6e5c5a11";
}

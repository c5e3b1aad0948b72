package p8e.interop;

import com.google.protobuf.Int64Value;
import com.google.protobuf.StringValue;
import com.google.protobuf.Timestamp;
import io.provenance.scope.contract.annotations.Function;
import io.provenance.scope.contract.annotations.Input;
import io.provenance.scope.contract.annotations.Participants;
import io.provenance.scope.contract.annotations.Record;
import io.provenance.scope.contract.annotations.ScopeSpecification;
import io.provenance.scope.contract.proto.Specifications.PartyType;
import io.provenance.scope.contract.spec.P8eContract;

/** The twin of contract/ledger-entry.ts: two records to read, one function with an input and lineage, one without. */
@Participants(roles = {PartyType.OWNER, PartyType.SERVICER})
@ScopeSpecification(names = {"p8e.interop.ledger"})
public class LedgerEntryContract extends P8eContract {
  private final StringValue account;
  private final Timestamp opened;

  public LedgerEntryContract(@Record(name = "account") StringValue account, @Record(name = "opened") Timestamp opened) {
    this.account = account;
    this.opened = opened;
  }

  @Function(invokedBy = PartyType.SERVICER)
  @Record(name = "balance")
  public Int64Value recordBalance(@Input(name = "balance") Int64Value balance) {
    return balance;
  }

  @Function(invokedBy = PartyType.OWNER)
  @Record(name = "entry")
  public StringValue recordEntry(@Input(name = "memo") StringValue memo, @Record(name = "opened") Timestamp lineage) {
    return StringValue.of(account.getValue() + " " + memo.getValue() + " " + opened.getSeconds());
  }
}

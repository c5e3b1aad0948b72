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
import java.util.List;

/** The smallest contract that has every shape a specification can express: a fact, a list of facts, inputs, two functions. */
@Participants(roles = {PartyType.OWNER, PartyType.SERVICER})
@ScopeSpecification(names = {"p8e.interop.ledger"})
public class LedgerEntryContract extends P8eContract {
  private final StringValue account;
  private final List<Int64Value> amounts;

  public LedgerEntryContract(@Record(name = "account") StringValue account, @Record(name = "amounts") List<Int64Value> amounts) {
    this.account = account;
    this.amounts = amounts;
  }

  @Function(invokedBy = PartyType.OWNER)
  @Record(name = "entry")
  public StringValue recordEntry(@Input(name = "memo") StringValue memo, @Record(name = "opened") Timestamp opened) {
    return StringValue.of(account.getValue() + " " + memo.getValue() + " " + opened.getSeconds() + " " + amounts.size());
  }

  @Function(invokedBy = PartyType.SERVICER)
  @Record(name = "balance")
  public Int64Value recordBalance(@Input(name = "balance") Int64Value balance) {
    return balance;
  }
}

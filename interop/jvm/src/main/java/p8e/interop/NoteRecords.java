package p8e.interop;

import com.google.protobuf.StringValue;
import io.provenance.scope.contract.annotations.Record;

/** What the SDK fills from the records of a scope. */
public class NoteRecords {
  final StringValue note;

  public NoteRecords(@Record(name = "note") StringValue note) {
    this.note = note;
  }
}

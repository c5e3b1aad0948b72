package p8e.interop;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** One command: reads its arguments from the request and writes its results into the answer. */
@FunctionalInterface
interface Operation {
  void run(Request request, ObjectNode answer) throws Exception;
}

package p8e.interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import cosmos.base.abci.v1beta1.Abci.TxResponse;
import cosmos.base.v1beta1.CoinOuterClass.Coin;
import cosmos.tx.v1beta1.ServiceOuterClass.BroadcastMode;
import cosmos.tx.v1beta1.ServiceOuterClass.GetTxRequest;
import cosmos.tx.v1beta1.TxOuterClass.TxBody;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.provenance.client.grpc.BaseReqSigner;
import io.provenance.client.grpc.ChannelOpts;
import io.provenance.client.grpc.GasEstimate;
import io.provenance.client.grpc.GasEstimationMethod;
import io.provenance.client.grpc.PbClient;
import io.provenance.client.wallet.NetworkType;
import io.provenance.client.wallet.WalletSigner;
import io.provenance.hdwallet.bip39.MnemonicWords;
import io.provenance.hdwallet.ec.CurveKt;
import io.provenance.hdwallet.wallet.Wallet;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import kotlin.Unit;

/**
 * Reads one JSON command a line, answers one JSON line each, as the driver of the SDK does. The published client estimates,
 * signs and sends; the key comes from a mnemonic by the published wallet.
 */
public final class Sender {
  private static final ObjectMapper JSON = new ObjectMapper();
  /** A node leaves the collection of fees out when it simulates; this client's own 1.25 does not make up for it. */
  private static final double GAS_ADJUSTMENT = 2.5;

  private static final int TRIES = 300;
  private static final long PAUSE_MS = 100;

  private Sender() {}

  public static void main(String[] args) throws Exception {
    PrintStream answers = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    System.setOut(System.err); // whatever a library prints must not end up between the answers
    BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line; (line = commands.readLine()) != null; ) {
      answers.print(JSON.writeValueAsString(answer(JSON.readTree(line))));
      answers.print('\n');
      answers.flush();
    }
    System.exit(0);
  }

  private static ObjectNode answer(JsonNode request) {
    ObjectNode answer = JSON.createObjectNode().put("id", request.get("id").longValue());
    GasEstimationMethod method = GasEstimationMethod.valueOf(request.path("estimation").asText("MSG_FEE_CALCULATION"));
    URI url = URI.create(request.get("nodeUrl").textValue());
    try (PbClient client =
        new PbClient(request.get("chainId").textValue(), url, method, new ChannelOpts(), builder -> Unit.INSTANCE)) {
      switch (request.get("op").textValue()) {
        case "estimate" -> estimate(client, request, answer);
        case "send" -> send(client, request, answer);
        default -> throw new IllegalArgumentException("no such operation");
      }
      answer.put("ok", true);
    } catch (Throwable thrown) {
      answer.put("ok", false);
      ObjectNode error = answer.putObject("error");
      error.put("type", thrown.getClass().getName()).put("message", String.valueOf(thrown.getMessage())).putArray("causes");
      if (thrown instanceof StatusRuntimeException refused) {
        error.put("status", refused.getStatus().getCode().name()).put("description", refused.getStatus().getDescription());
      }
    }
    return answer;
  }

  private static void estimate(PbClient client, JsonNode request, ObjectNode answer) {
    describe(client.estimateTx(client.baseRequest(body(request), signers(request), null, null)), answer);
  }

  /** As an application does it: the client asks what it costs, signs, and sends without waiting for the block. */
  private static void send(PbClient client, JsonNode request, ObjectNode answer) throws InterruptedException {
    TxResponse sent = client.estimateAndBroadcastTx(body(request), signers(request),
        BroadcastMode.BROADCAST_MODE_SYNC, GAS_ADJUSTMENT, null).getTxResponse();
    TxResponse response = sent.getCode() == 0 ? included(client, sent.getTxhash()) : sent;
    answer.put("hash", sent.getTxhash()).put("code", response.getCode()).put("codespace", response.getCodespace());
    answer.put("log", response.getRawLog()).put("height", response.getHeight());
  }

  private static TxResponse included(PbClient client, String hash) throws InterruptedException {
    GetTxRequest request = GetTxRequest.newBuilder().setHash(hash).build();
    for (int attempt = 0; ; attempt++) {
      try {
        return client.getCosmosService().getTx(request).getTxResponse();
      } catch (StatusRuntimeException error) {
        if (error.getStatus().getCode() != Status.Code.NOT_FOUND || attempt == TRIES) throw error;
        Thread.sleep(PAUSE_MS);
      }
    }
  }

  private static TxBody body(JsonNode request) {
    TxBody.Builder body = TxBody.newBuilder();
    for (JsonNode message : request.get("messages")) {
      body.addMessages(Any.newBuilder().setTypeUrl(message.get("typeUrl").textValue())
          .setValue(ByteString.copyFrom(Base64.getDecoder().decode(message.get("value").textValue()))));
    }
    return body.build();
  }

  private static List<BaseReqSigner> signers(JsonNode request) {
    NetworkType network = NetworkType.COSMOS_TESTNET;
    Wallet wallet = Wallet.Companion.fromMnemonic(network.getPrefix(), "",
        MnemonicWords.Companion.of(request.get("mnemonic").textValue()), false, true, CurveKt.getDEFAULT_CURVE());
    return List.of(new BaseReqSigner(new WalletSigner(wallet.get(network.getPath())), 0, null));
  }

  private static void describe(GasEstimate estimate, ObjectNode answer) {
    answer.put("limit", estimate.getLimit());
    ObjectNode fees = answer.putObject("fees");
    for (Coin coin : estimate.getFeesCalculated()) fees.put(coin.getDenom(), coin.getAmount());
  }
}

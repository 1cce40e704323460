using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Testing.Tests;

/// <summary>What goes over the wire, byte for byte, and what is read from it.</summary>
public sealed class WireFormatTests
{
    private const string Head =
        """{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1893456000,"model":"m","service_tier":"default","system_fingerprint":"fp_scripted","choices":[""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stream_TextToolCallAndUsage_IsOpenAIsEventSequence()
    {
        var turn = ScriptedTurn.Stream("Hi").WithReasoning("hm").WithToolCall(new ScriptedToolCall("f", """{"city":"Oslo"}""")).WithUsage(3, 2, 1, 0);
        var body = await PostAsync(turn, """{"model":"m","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"hi"}]}""");

        Assert.Equal(
            [
                Choice("""{"role":"assistant","content":"","refusal":null}"""),
                Choice("""{"reasoning_content":"hm"}"""),
                Choice("""{"content":"Hi"}"""),
                Choice("""{"tool_calls":[{"index":0,"id":"call_1_1","type":"function","function":{"name":"f","arguments":""}}]}"""),
                Choice("""{"tool_calls":[{"index":0,"function":{"arguments":"{\"city\":"}}]}"""),
                Choice("""{"tool_calls":[{"index":0,"function":{"arguments":"\"Oslo\"}"}}]}"""),
                Choice("{}", "\"tool_calls\""),
                "data: " + Head + """],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5,"prompt_tokens_details":{"cached_tokens":1},"completion_tokens_details":{"reasoning_tokens":0}}}""",
                "data: [DONE]",
            ],
            body.Split("\n\n", StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Stream_UsageNotAskedFor_HasNone()
    {
        var body = await PostAsync(ScriptedTurn.Text("Hi"), """{"model":"m","stream":true,"messages":[{"role":"user","content":"hi"}]}""");

        Assert.DoesNotContain("usage", body, StringComparison.Ordinal);
        Assert.EndsWith("data: [DONE]\n\n", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"model\":\"m\",", "We could not parse the JSON body of your request.", null)]
    [InlineData("[]", "The body is a JSON Array", null)]
    [InlineData("""{"messages":[]}""", "you must provide a model parameter", "model")]
    [InlineData("""{"model":"m"}""", "Missing required parameter: 'messages'.", "messages")]
    [InlineData("""{"model":"m","messages":[]}""", "Invalid 'messages'", "messages")]
    [InlineData("""{"model":"m","messages":[{"role":"robot","content":"x"}]}""", "Invalid value: 'robot'", "messages.role")]
    [InlineData("""{"model":"m","temperature":"hot","messages":[{"role":"user","content":"x"}]}""", "Invalid type for 'temperature'", "temperature")]
    [InlineData("""{"model":"m","messages":["x"]}""", "Invalid type", "role")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:nonsense"}}]}]}""", "Invalid request", null)]
    [InlineData("""{"model":"m","messages":[{"role":"tool","tool_call_id":"c1","content":"x"}]}""", "must be a response to a preceeding message", "messages.[0].role")]
    [InlineData(
        """{"model":"m","messages":[{"role":"assistant","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"user","content":"x"}]}""",
        "The following tool_call_ids did not have response messages: c1",
        "messages.[1].role")]
    public async Task Post_Malformed_Is400InOpenAIsShapeAndTakesNoTurn(string body, string message, string? param)
    {
        await using var server = new LocalModelServer(ScriptedTurn.Text("the first turn"));
        using var clients = await TestClients.StartAsync(server);

        using var refused = await SendAsync(clients, body);
        using var error = JsonDocument.Parse(await refused.Content.ReadAsStringAsync(Token));
        var answer = await clients.Chat.GetResponseAsync("hi", cancellationToken: Token);

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains(message, error.RootElement.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal("invalid_request_error", error.RootElement.GetProperty("error").GetProperty("type").GetString());
        Assert.Equal(param, error.RootElement.GetProperty("error").GetProperty("param").GetString());
        Assert.Equal("the first turn", answer.Text);
        await server.WaitForIdleAsync(Token);
        Assert.Equal(body, Encoding.UTF8.GetString(server.Requests[0].Body.Span));
        Assert.Equal(RequestOutcome.Failed, server.Requests[0].Outcome);
    }

    [Fact]
    public async Task Post_ValidateToolMessagesOff_AcceptsOrphans()
    {
        await using var server = new LocalModelServer(ScriptedTurn.Text("fine")) { ValidateToolMessages = false };
        using var clients = await TestClients.StartAsync(server);

        using var response = await SendAsync(clients, """{"model":"m","messages":[{"role":"tool","tool_call_id":"c1","content":"x"}]}""");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Post_EveryField_IsReadIntoMessagesAndOptions()
    {
        ScriptedRequest? seen = null;
        await using var server = new LocalModelServer(request =>
        {
            seen = request;
            return ScriptedTurn.Text("ok");
        });
        using var clients = await TestClients.StartAsync(server);
        const string Body = """
            {"model":"m","temperature":0.25,"top_p":0.5,"max_tokens":7,"frequency_penalty":1,"presence_penalty":-1,"seed":42,"stop":"END","parallel_tool_calls":false,
             "response_format":{"type":"json_schema","json_schema":{"name":"answer","schema":{"type":"object"}}},"tool_choice":{"type":"function","function":{"name":"f"}},
             "tools":[{"type":"function","function":{"name":"f"}}],"reasoning_effort":"low",
             "messages":[{"role":"developer","content":"rules"},
              {"role":"user","name":"ann","content":[{"type":"text","text":"look"},{"type":"image_url","image_url":{"url":"https://example.com/a.png"}},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}},{"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}}]},
              {"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]},
              {"role":"tool","tool_call_id":"c1","content":[{"type":"text","text":"done"}]}]}
            """;

        using var response = await SendAsync(clients, Body);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var options = seen!.Options!;
        Assert.Equal((0.25f, 0.5f, 7, 1f, -1f, 42L), (options.Temperature, options.TopP, options.MaxOutputTokens, options.FrequencyPenalty, options.PresencePenalty, options.Seed));
        Assert.Equal(["END"], options.StopSequences!);
        Assert.False(options.AllowMultipleToolCalls);
        Assert.Equal("answer", Assert.IsType<ChatResponseFormatJson>(options.ResponseFormat).SchemaName);
        Assert.Equal("f", Assert.IsType<RequiredChatToolMode>(options.ToolMode).RequiredFunctionName);
        Assert.Equal("low", Assert.IsType<JsonElement>(options.AdditionalProperties!["reasoning_effort"]).GetString());
        Assert.Equal([ChatRole.System, ChatRole.User, ChatRole.Assistant, ChatRole.Tool], seen.Messages.Select(message => message.Role));
        Assert.Equal("ann", seen.Messages[1].AuthorName);
        Assert.Equal([typeof(TextContent), typeof(UriContent), typeof(DataContent), typeof(AIContent)], seen.Messages[1].Contents.Select(content => content.GetType()));
        Assert.Equal(1, Assert.IsType<JsonElement>(Assert.IsType<FunctionCallContent>(Assert.Single(seen.Messages[2].Contents)).Arguments!["a"]).GetInt32());
        Assert.Equal("done", Assert.Single(seen.ToolResults).Result);
    }

    [Theory]
    [InlineData("GET", "/v1/chat/completions", 405)]
    [InlineData("POST", "/v1/embeddings", 404)]
    [InlineData("GET", "/", 404)]
    public async Task Request_OtherEndpoint_IsAnErrorInOpenAIsShape(string method, string path, int status)
    {
        await using var server = new LocalModelServer(ScriptedTurn.Text("a"));
        using var clients = await TestClients.StartAsync(server);
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(server.Endpoint, path));

        using var response = await clients.Http.SendAsync(request, Token);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.StartsWith("{\"error\":{\"message\":", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task Models_Get_ListsTheNames()
    {
        await using var server = new LocalModelServer(ScriptedTurn.Text("a")) { Models = ["mini", "large"] };
        using var clients = await TestClients.StartAsync(server);

        using var list = JsonDocument.Parse(await clients.Http.GetStringAsync(new Uri(server.Endpoint + "/models"), Token));

        Assert.Equal(["mini", "large"], list.RootElement.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()));
    }

    [Fact]
    public async Task Success_ScriptedHeaders_AreSent()
    {
        await using var server = new LocalModelServer(ScriptedTurn.Text("a").WithHeader("x-request-id", "mine").WithHeader("x-ratelimit-remaining-tokens", "9"));
        using var clients = await TestClients.StartAsync(server);

        using var response = await SendAsync(clients, """{"model":"m","messages":[{"role":"user","content":"hi"}]}""");

        Assert.Equal("mine", Assert.Single(response.Headers.GetValues("x-request-id")));
        Assert.Equal("9", Assert.Single(response.Headers.GetValues("x-ratelimit-remaining-tokens")));
    }

    private static string Choice(string delta, string finishReason = "null") =>
        "data: " + Head + "{\"index\":0,\"delta\":" + delta + ",\"logprobs\":null,\"finish_reason\":" + finishReason + "}],\"usage\":null}";

    private static async Task<string> PostAsync(ScriptedTurn turn, string body)
    {
        await using var server = new LocalModelServer(turn) { TimeProvider = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero)) };
        using var clients = await TestClients.StartAsync(server);
        using var response = await SendAsync(clients, body);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        return await response.Content.ReadAsStringAsync(Token);
    }

    private static async Task<HttpResponseMessage> SendAsync(TestClients clients, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await clients.Http.PostAsync(new Uri(clients.Server.Endpoint + "/chat/completions"), content, Token);
    }
}

using AgentHosting.Failures;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Microsoft.Extensions.AI;

namespace AgentHosting.Providers.Tests;

/// <summary>What the official clients throw over real HTTP, classified.</summary>
public sealed class SdkFailureTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("openai", true)]
    [InlineData("openai", false)]
    [InlineData("azure-openai", true)]
    [InlineData("azure-openai", false)]
    public async Task Classify_TooManyRequests_KnowsStatusCodeAndDelay(string provider, bool streaming)
    {
        const string Body = """{"error":{"message":"Slow down.","type":"requests","code":"rate_limit_exceeded"}}""";

        var failure = await FailAsync(provider, streaming, 429, Body, ("Retry-After", "7"), ("retry-after-ms", "7250"));

        Assert.Equal(ChatFailureKind.RateLimited, failure.Kind);
        Assert.Equal(429, failure.StatusCode);
        Assert.Equal("rate_limit_exceeded", failure.ErrorCode);
        Assert.Equal(TimeSpan.FromMilliseconds(7250), failure.RetryAfter);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Classify_AnthropicTooManyRequests_KnowsStatusAndCode(bool streaming)
    {
        var failure = await FailAsync(
            "anthropic", streaming, 429, """{"type":"error","error":{"type":"rate_limit_error","message":"Slow down."}}""", ("Retry-After", "7"));

        Assert.Equal(ChatFailureKind.RateLimited, failure.Kind);
        Assert.Equal(429, failure.StatusCode);
        Assert.Equal("rate_limit_error", failure.ErrorCode);

        // The client keeps no headers on its exceptions.
        Assert.Null(failure.RetryAfter);
    }

    [Theory]
    [InlineData("openai", 400, """{"error":{"message":"too long","type":"invalid_request_error","code":"context_length_exceeded"}}""", ChatFailureKind.ContextWindow)]
    [InlineData("openai", 400, """{"error":{"message":"no","type":"invalid_request_error","code":"content_policy_violation"}}""", ChatFailureKind.ContentFilter)]
    [InlineData("openai", 429, """{"error":{"message":"no money","type":"insufficient_quota","code":"insufficient_quota"}}""", ChatFailureKind.Authentication)]
    [InlineData("openai", 400, """{"error":{"message":"This model's maximum context length is 8192 tokens."}}""", ChatFailureKind.ContextWindow)]
    [InlineData("openai", 400, """{"error":{"message":"bad","code":"invalid_value"}}""", ChatFailureKind.BadRequest)]
    [InlineData("openai", 401, """{"error":{"message":"key","code":"invalid_api_key"}}""", ChatFailureKind.Authentication)]
    [InlineData("openai", 404, """{"error":{"message":"model","code":"model_not_found"}}""", ChatFailureKind.BadRequest)]
    [InlineData("openai", 413, "too large", ChatFailureKind.ContextWindow)]
    [InlineData("openai", 500, "<html>oops</html>", ChatFailureKind.Transient)]
    [InlineData("openai", 529, "", ChatFailureKind.Transient)]
    [InlineData("azure-openai", 400, """{"error":{"message":"filtered","code":"content_filter","innererror":{"code":"ResponsibleAIPolicyViolation"}}}""", ChatFailureKind.ContentFilter)]
    [InlineData("azure-openai", 503, "", ChatFailureKind.Transient)]
    [InlineData("anthropic", 400, """{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens > 200000 maximum"}}""", ChatFailureKind.ContextWindow)]
    [InlineData("anthropic", 400, """{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the Anthropic API."}}""", ChatFailureKind.Authentication)]
    [InlineData("anthropic", 400, """{"type":"error","error":{"type":"invalid_request_error","message":"max_tokens: required"}}""", ChatFailureKind.BadRequest)]
    [InlineData("anthropic", 401, """{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}""", ChatFailureKind.Authentication)]
    [InlineData("anthropic", 413, """{"type":"error","error":{"type":"request_too_large","message":"Request exceeds the maximum size"}}""", ChatFailureKind.ContextWindow)]
    [InlineData("anthropic", 500, """{"type":"error","error":{"type":"api_error","message":"Internal server error"}}""", ChatFailureKind.Transient)]
    [InlineData("anthropic", 529, """{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}""", ChatFailureKind.Transient)]
    public async Task Classify_StatusAndBody_TellTheKind(string provider, int status, string body, ChatFailureKind expected)
    {
        foreach (var streaming in (bool[])[true, false])
        {
            var failure = await FailAsync(provider, streaming, status, body);

            Assert.Equal(expected, failure.Kind);
            Assert.Equal(status, failure.StatusCode);
        }
    }

    [Fact]
    public async Task Classify_AnthropicErrorEventInStream_TellsTheKind()
    {
        const string Events = "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n";
        await using var server = await StatusServer.StartAsync(200, Events, "text/event-stream");
        using var client = ProviderClients.Anthropic(server.Address);

        var failure = await CatchAsync(client, streaming: true);

        Assert.Equal(ChatFailureKind.Transient, failure.Kind);
        Assert.Null(failure.StatusCode);
        Assert.Equal("overloaded_error", failure.ErrorCode);
    }

    [Theory]
    [InlineData("openai")]
    [InlineData("azure-openai")]
    [InlineData("anthropic")]
    public async Task Classify_NobodyListens_IsTransient(string provider)
    {
        var server = await StatusServer.StartAsync(200, "");
        var address = server.Address;
        await server.DisposeAsync();
        using var client = Client(provider, address);

        var failure = await CatchAsync(client, streaming: false);

        Assert.Equal(ChatFailureKind.Transient, failure.Kind);
        Assert.Null(failure.StatusCode);
    }

    [Fact]
    public async Task Classify_AzureCoreException_KnowsStatusCodeAndDelay()
    {
        await using var server = await StatusServer.StartAsync(
            429, """{"error":{"code":"TooManyRequests","message":"Slow down."}}""", headers: ("x-ms-retry-after-ms", "1500"));
        var options = new PlainClientOptions();
        options.Retry.MaxRetries = 0;
        var pipeline = HttpPipelineBuilder.Build(options);
        using var message = pipeline.CreateMessage();
        message.Request.Method = RequestMethod.Post;
        message.Request.Uri.Reset(server.Address);
        await pipeline.SendAsync(message, Token);

        var failure = ChatFailureClassifier.Classify(new RequestFailedException(message.Response), TimeProvider.System, Token);

        Assert.Equal(ChatFailureKind.RateLimited, failure.Kind);
        Assert.Equal(429, failure.StatusCode);
        Assert.Equal("TooManyRequests", failure.ErrorCode);
        Assert.Equal(TimeSpan.FromSeconds(1.5), failure.RetryAfter);
    }

    [Fact]
    public async Task Classify_HttpClientTimeout_IsTimedOut()
    {
        await using var server = new Testing.LocalModelServer(Testing.ScriptedTurn.Fault(Testing.WireFault.StallBeforeHeaders));
        await server.StartAsync(Token);
        using var http = new HttpClient { Timeout = TimeSpan.FromMilliseconds(50) };
        using var client = ProviderClients.OpenAI(server.Endpoint, http);

        var failure = await CatchAsync(client, streaming: false);

        Assert.Equal(ChatFailureKind.TimedOut, failure.Kind);
    }

    [Fact]
    public async Task Classify_SdkThatRetriedItself_TellsTheLastTry()
    {
        await using var server = await StatusServer.StartAsync(503, "");
        using var client = ProviderClients.OpenAI(server.Address, new ImmediateRetryPolicy());

        var failure = await CatchAsync(client, streaming: false);

        Assert.Equal(ChatFailureKind.Transient, failure.Kind);
        Assert.Equal(503, failure.StatusCode);
        Assert.Equal(2, server.Calls);
    }

    private static async Task<ChatFailure> FailAsync(string provider, bool streaming, int status, string body, params (string, string)[] headers)
    {
        await using var server = await StatusServer.StartAsync(status, body, headers: headers);
        using var client = Client(provider, server.Address);
        var failure = await CatchAsync(client, streaming);
        Assert.Equal(1, server.Calls);
        return failure;
    }

    private static async Task<ChatFailure> CatchAsync(IChatClient client, bool streaming)
    {
        var exception = await Record.ExceptionAsync(() => Calls.CollectAsync(client, streaming, Token));
        Assert.NotNull(exception);
        return ChatFailureClassifier.Classify(exception, TimeProvider.System, Token);
    }

    private static IChatClient Client(string provider, Uri endpoint) => provider switch
    {
        "openai" => ProviderClients.OpenAI(endpoint),
        "azure-openai" => ProviderClients.AzureOpenAI(endpoint),
        _ => ProviderClients.Anthropic(endpoint),
    };

    private sealed class PlainClientOptions : ClientOptions;

    private sealed class ImmediateRetryPolicy() : System.ClientModel.Primitives.ClientRetryPolicy(1)
    {
        protected override TimeSpan GetNextDelay(System.ClientModel.Primitives.PipelineMessage message, int tryCount) => TimeSpan.Zero;
    }
}

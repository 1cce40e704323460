using System.Net.Sockets;
using System.Text.Json;
using AgentHosting.Failures;
using AgentHosting.Testing;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests.Failures;

public sealed class ChatFailureClassifierTests
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public static TheoryData<Exception, ChatFailureKind> Exceptions => new()
    {
        { new HttpRequestException("no route"), ChatFailureKind.Transient },
        { new HttpIOException(HttpRequestError.ResponseEnded), ChatFailureKind.Transient },
        { new IOException("reset"), ChatFailureKind.Transient },
        { new SocketException(104), ChatFailureKind.Transient },
        { new JsonException("garbage"), ChatFailureKind.Transient },
        { new TaskCanceledException("slow", new TimeoutException()), ChatFailureKind.TimedOut },
        { new TaskCanceledException("from elsewhere"), ChatFailureKind.Transient },
        { new TimeoutException(), ChatFailureKind.TimedOut },
        { new ChatTimeoutException(), ChatFailureKind.TimedOut },
        { new StreamInterruptedException(), ChatFailureKind.Transient },
        { new AgentRequestRejectedException(), ChatFailureKind.Rejected },
        { new InvalidOperationException("wrapped", new IOException("reset")), ChatFailureKind.Transient },
        { new AggregateException(new ScriptedHttpException(500, "first"), new ScriptedHttpException(429, "last")), ChatFailureKind.RateLimited },
        { new InvalidOperationException("HTTP 429 (requests: rate_limit_exceeded)"), ChatFailureKind.RateLimited },
        { new InvalidOperationException("Service request failed.\nStatus: 503 (Unavailable)"), ChatFailureKind.Transient },
        { new ScriptedHttpException(429, "quota", errorCode: "insufficient_quota"), ChatFailureKind.Authentication },
        { new ScriptedHttpException(503, "later", retryAfter: TimeSpan.FromSeconds(1)), ChatFailureKind.RateLimited },
        { new ScriptedHttpException(400, "prompt is too long: 9 > 8"), ChatFailureKind.ContextWindow },
        { new ScriptedHttpException(400, "x", errorCode: "content_filter"), ChatFailureKind.ContentFilter },
        { new ArgumentException("no idea"), ChatFailureKind.Unknown },
    };

    [Theory]
    [MemberData(nameof(Exceptions))]
    public void Classify_Exception_TellsTheKind(Exception exception, ChatFailureKind expected)
    {
        var failure = ChatFailureClassifier.Classify(exception, _clock, TestContext.Current.CancellationToken);

        Assert.Equal(expected, failure.Kind);
        Assert.Same(exception, failure.Exception);
    }

    [Theory]
    [InlineData(new[] { "Retry-After", "7" }, 7_000)]
    [InlineData(new[] { "Retry-After", "0.5" }, 500)]
    [InlineData(new[] { "Retry-After", "Thu, 01 Jan 2026 00:01:30 GMT" }, 90_000)]
    [InlineData(new[] { "Retry-After", "Wed, 31 Dec 2025 00:00:00 GMT" }, 0)]
    [InlineData(new[] { "retry-after-ms", "1250" }, 1_250)]
    [InlineData(new[] { "x-ms-retry-after-ms", "300" }, 300)]
    [InlineData(new[] { "Retry-After", "2", "retry-after-ms", "1250" }, 2_000)]
    [InlineData(new[] { "Retry-After", "1", "x-ms-retry-after-ms", "1250" }, 1_250)]
    [InlineData(new[] { "Retry-After", "410400" }, 410_400_000)]
    [InlineData(new[] { "Retry-After", "soon" }, null)]
    [InlineData(new[] { "Retry-After", "-3" }, null)]
    public void Classify_RetryAfter_IsReadInEveryForm(string[] headers, int? milliseconds)
    {
        var pairs = headers.Chunk(2).ToDictionary(pair => pair[0], pair => pair[1]);

        var failure = ChatFailureClassifier.Classify(new ScriptedHttpException(429, "slow down", pairs), _clock, TestContext.Current.CancellationToken);

        Assert.Equal(milliseconds is { } value ? TimeSpan.FromMilliseconds(value) : null, failure.RetryAfter);
    }

    [Fact]
    public async Task Classify_CallerCancelled_IsCancelledAlsoWhenWrapped()
    {
        using var cancel = new CancellationTokenSource();
        await cancel.CancelAsync();

        Assert.Equal(ChatFailureKind.Cancelled, ChatFailureClassifier.Classify(new OperationCanceledException(), _clock, cancel.Token).Kind);
        Assert.Equal(ChatFailureKind.Cancelled, ChatFailureClassifier.Classify(new HttpRequestException("x", new TaskCanceledException()), _clock, cancel.Token).Kind);
    }
}

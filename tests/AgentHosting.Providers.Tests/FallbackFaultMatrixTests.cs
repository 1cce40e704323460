using AgentHosting.Failures;
using AgentHosting.Fallbacks;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;

namespace AgentHosting.Providers.Tests;

/// <summary>Faults of a provider over real HTTP, with another provider to fall back to: right outcome, right number of requests, no doubled text, nothing left open.</summary>
public sealed class FallbackFaultMatrixTests
{
    private const string Answer = "the other answer";

    [Theory]
    [MemberData(nameof(WireFailure.Rows), MemberType = typeof(WireFailure))]
    public async Task Fallback_FirstProviderFails_OtherAnswersUnlessContentWasSeen(string name, bool streaming)
    {
        var failure = WireFailure.Named(name);
        await using var first = await WireClient.StartAsync(_ => failure.Turn);
        await using var other = await WireClient.StartAsync(_ => ScriptedTurn.Text(Answer));
        using var client = first.Chat.AsBuilder()
            .UseFallback(new FallbackOptions { Clients = { other.Chat }, HedgeAfter = failure.Stalls ? TimeSpan.FromMilliseconds(50) : null })
            .Build();
        var seen = streaming ? failure.Seen : "";
        var token = TestContext.Current.CancellationToken;

        // A stream that stalls after content is beyond the fallback: only its reader, or a timeout above, can give it up.
        var givenUp = failure.Stalls && seen.Length > 0;
        var (text, error) = await WireClient.CallAsync(client, streaming, givenUp ? seen : null, first.Server.WaitForRequestsAsync(1, token));

        if (!failure.Fails)
        {
            Assert.Equal((failure.Seen, null), (text, error));
            Assert.Equal((1, 0), (first.Server.CallCount, other.Server.CallCount));
        }
        else if (givenUp)
        {
            Assert.Equal(seen, text);
            Assert.IsAssignableFrom<OperationCanceledException>(error);
            Assert.Equal((1, 0), (first.Server.CallCount, other.Server.CallCount));
        }
        else if (seen.Length > 0)
        {
            Assert.Equal(seen, text);
            Assert.Equal(seen, Assert.IsType<StreamInterruptedException>(error).PartialText);
            Assert.Equal((1, 0), (first.Server.CallCount, other.Server.CallCount));
        }
        else
        {
            Assert.Equal((Answer, null), (text, error));
            Assert.Equal((1, 1), (first.Server.CallCount, other.Server.CallCount));
        }

        await first.AssertNothingOpenAsync();
        await other.AssertNothingOpenAsync();
    }
}

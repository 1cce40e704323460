using AgentHosting.Failures;
using AgentHosting.Retries;
using AgentHosting.Testing;
using AgentHosting.Timeouts;
using Microsoft.Extensions.AI;

namespace AgentHosting.Providers.Tests;

/// <summary>
/// Faults of a provider over real HTTP, met by the official OpenAI client without retries of its own and the stages in front of it: right outcome, right
/// number of requests, no doubled text, nothing left open.
/// </summary>
public sealed class FaultMatrixTests
{
    private const string Answer = "the real answer";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, bool> Rows()
    {
        var rows = new TheoryData<string, bool>();
        foreach (var fault in Faults.All)
        {
            rows.Add(fault.Name, true);
            rows.Add(fault.Name, false);
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Retry_FaultOnce_IsAnsweredByTheSecondRequestUnlessSeen(string name, bool streaming)
    {
        var fault = Faults.All.Single(fault => fault.Name == name);
        await using var run = await MatrixRun.StartAsync(Stages, fault.Turn, () => ScriptedTurn.Text(Answer));

        var outcome = await run.CallAsync(streaming, Token);

        var interrupted = streaming && fault is { Fails: true, Seen.Length: > 0 };
        if (!fault.Fails)
        {
            Assert.Equal(fault.Seen, outcome.Text);
            Assert.Equal(1, run.Requests);
        }
        else if (interrupted)
        {
            var exception = Assert.IsType<StreamInterruptedException>(outcome.Error);
            Assert.Equal(fault.Seen, outcome.Text);
            Assert.Equal(fault.Seen, exception.PartialText);
            Assert.Equal(1, run.Requests);
        }
        else if (fault.Retryable)
        {
            Assert.Null(outcome.Error);
            Assert.Equal(Answer, outcome.Text);
            Assert.Equal(2, run.Requests);
            // The server's wall clock and the client's timer are two clocks: they may differ by some milliseconds.
            Assert.True(run.Pause >= fault.MinDelay - TimeSpan.FromMilliseconds(25), $"The second request came after {run.Pause}, and {fault.MinDelay} was asked for.");
        }
        else
        {
            Assert.NotNull(outcome.Error);
            Assert.Equal("", outcome.Text);
            Assert.Equal(1, run.Requests);
        }

        await run.AssertNothingOpenAsync(Token);
    }

    [Theory]
    [InlineData("500", true)]
    [InlineData("500", false)]
    [InlineData("reset-before-headers", true)]
    [InlineData("reset-before-headers", false)]
    [InlineData("stall-before-first-token", true)]
    [InlineData("stall-before-first-token", false)]
    [InlineData("truncated-before-content", true)]
    [InlineData("garbage-body", false)]
    public async Task Retry_FaultForEver_EndsAfterThreeRequestsWithTheLastError(string name, bool streaming)
    {
        var fault = Faults.All.Single(fault => fault.Name == name);
        await using var run = await MatrixRun.StartAsync(Stages, fault.Turn, fault.Turn, fault.Turn, () => ScriptedTurn.Text(Answer));

        var outcome = await run.CallAsync(streaming, Token);

        Assert.NotNull(outcome.Error);
        Assert.Equal(3, outcome.Error.Data["agenthosting.attempts"]);
        Assert.Equal("", outcome.Text);
        Assert.Equal(3, run.Requests);
        await run.AssertNothingOpenAsync(Token);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Timeout_WholeCallAboveRetries_CutsTheAttempts(bool streaming)
    {
        var call = new TimeoutOptions { Name = "call", Total = TimeSpan.FromMilliseconds(400), FirstToken = null, Idle = null };
        await using var run = await MatrixRun.StartAsync(
            builder => Stages(builder.UseTimeout(call)), () => ScriptedTurn.Fail(500), () => ScriptedTurn.Fault(WireFault.StallBeforeHeaders));

        var outcome = await run.CallAsync(streaming, Token);

        Assert.Equal("call", Assert.IsType<ChatTimeoutException>(outcome.Error).Limit);
        await run.AssertNothingOpenAsync(Token);
    }

    // The limits are short so that stalls end soon, and long enough for a slow machine to answer within them.
    private static ChatClientBuilder Stages(ChatClientBuilder builder) => builder
        .UseRetry(new RetryOptions { BaseDelay = TimeSpan.FromMilliseconds(10) })
        .UseTimeout(new TimeoutOptions { Total = TimeSpan.FromSeconds(3), FirstToken = TimeSpan.FromSeconds(1), Idle = TimeSpan.FromSeconds(1) });
}

using AgentHosting.Failures;
using AgentHosting.Retries;
using AgentHosting.Timeouts;
using Microsoft.Extensions.AI;

namespace AgentHosting.Providers.Tests;

/// <summary>The columns of retry in docs/fault-matrix.md.</summary>
public sealed class RetryFaultMatrixTests
{
    public static TheoryData<string, bool, string> Once() => FaultTable.Column("retry, once");

    [Theory]
    [MemberData(nameof(Once))]
    public async Task Retry_FaultOnce_IsAsTheTableSays(string fault, bool streaming, string expected)
    {
        await using var run = await MatrixRun.StartAsync(fault, streaming, times: 1);
        run.Pipeline = Stages(run.First.Chat.AsBuilder(), run).Build();

        var outcome = await run.CallAsync();

        Assert.Equal(expected, $"{outcome} {run.First.Server.CallCount}");
        if (Faults.Named(fault).RetryAfter is { } asked && run.First.Server.Requests is [var one, var two])
        {
            Assert.True(two.StartedAt - one.StartedAt >= asked, $"The second request came after {two.StartedAt - one.StartedAt}, and {asked} was asked for.");
        }

        await run.AssertNothingOpenAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Timeout_WholeCallAboveRetries_CutsTheAttempts(bool streaming)
    {
        var call = new TimeoutOptions { Name = "call", Total = TimeSpan.FromMilliseconds(700), FirstToken = null, Idle = null };
        await using var run = await MatrixRun.StartAsync("stall before headers", streaming);
        run.Pipeline = Stages(run.First.Chat.AsBuilder().UseTimeout(call), run).Build();

        Assert.Equal("TimedOut", await run.CallAsync());

        Assert.Equal("call", Assert.IsType<ChatTimeoutException>(run.Error).Limit);
        await run.AssertNothingOpenAsync();
    }

    internal static ChatClientBuilder Stages(ChatClientBuilder builder, MatrixRun run) =>
        builder.UseRetry(new RetryOptions { BaseDelay = TimeSpan.FromMilliseconds(10) }).UseTimeout(run.Limits);
}

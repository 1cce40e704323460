using AgentHosting.Fallbacks;
using Microsoft.Extensions.AI;

namespace AgentHosting.Providers.Tests;

/// <summary>The column of fallback in docs/fault-matrix.md.</summary>
public sealed class FallbackFaultMatrixTests
{
    public static TheoryData<string, bool, string> Cells() => FaultTable.Column("fallback");

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task Fallback_FirstProviderFails_IsAsTheTableSays(string fault, bool streaming, string expected)
    {
        await using var run = await MatrixRun.StartAsync(fault, streaming);
        run.Pipeline = run.First.Chat.AsBuilder().UseFallback(new FallbackOptions { Clients = { run.Other.Chat } }).UseTimeout(run.Limits).Build();

        var outcome = await run.CallAsync();

        Assert.Equal(expected, $"{outcome} {run.First.Server.CallCount}+{run.Other.Server.CallCount}");
        await run.AssertNothingOpenAsync();
    }

    [Theory]
    [InlineData("stall before headers", true)]
    [InlineData("stall before headers", false)]
    [InlineData("stall before first token", true)]
    [InlineData("stall before first token", false)]
    public async Task Hedge_FirstProviderStalls_OtherAnswersAndTheFirstIsHungUpOn(string fault, bool streaming)
    {
        await using var run = await MatrixRun.StartAsync(fault, streaming);
        run.Pipeline = run.First.Chat.AsBuilder()
            .UseFallback(new FallbackOptions { Clients = { run.Other.Chat }, HedgeAfter = TimeSpan.FromMilliseconds(500) })
            .Build();

        var outcome = await run.CallAsync();

        Assert.Equal("other 1+1", $"{outcome} {run.First.Server.CallCount}+{run.Other.Server.CallCount}");
        await run.AssertNothingOpenAsync();
    }
}

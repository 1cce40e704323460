using Microsoft.Extensions.AI;

namespace AgentHosting.Providers.Tests;

/// <summary>A column of docs/fault-matrix.md, in a class of its own because it takes longest: classes run beside each other.</summary>
public sealed class RetryForEverFaultMatrixTests
{
    public static TheoryData<string, bool, string> Cells() => FaultTable.Column("retry, for ever");

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task Retry_FaultForEver_IsAsTheTableSays(string fault, bool streaming, string expected)
    {
        await using var run = await MatrixRun.StartAsync(fault, streaming);
        run.Pipeline = RetryFaultMatrixTests.Stages(run.First.Chat.AsBuilder(), run).Build();

        var outcome = await run.CallAsync();

        Assert.Equal(expected, $"{outcome} {run.First.Server.CallCount}");
        if (outcome is not ("answer" or "cut"))
        {
            Assert.Equal(run.First.Server.CallCount, run.Error!.Data["agenthosting.attempts"]);
        }

        await run.AssertNothingOpenAsync();
    }
}

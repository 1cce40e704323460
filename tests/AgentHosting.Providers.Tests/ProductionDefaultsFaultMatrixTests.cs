using AgentHosting.Fallbacks;
using Microsoft.Extensions.AI;

namespace AgentHosting.Providers.Tests;

/// <summary>The column of the whole pipeline in docs/fault-matrix.md.</summary>
public sealed class ProductionDefaultsFaultMatrixTests
{
    public static TheoryData<string, bool, string> Cells() => FaultTable.Column("production defaults");

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task ProductionDefaults_FirstProviderFails_IsAsTheTableSays(string fault, bool streaming, string expected)
    {
        await using var run = await MatrixRun.StartAsync(fault, streaming);
        run.Pipeline = run.First.Chat.AsBuilder()
            .UseProductionDefaults(options =>
            {
                options.Fallback = new FallbackOptions { Clients = { run.Other.Chat } };
                options.Retry!.BaseDelay = TimeSpan.FromMilliseconds(10);
                options.Timeout = run.Limits;
            })
            .Build();

        var outcome = await run.CallAsync();

        Assert.Equal(expected, $"{outcome} {run.First.Server.CallCount}+{run.Other.Server.CallCount}");
        await run.AssertNothingOpenAsync();
    }
}

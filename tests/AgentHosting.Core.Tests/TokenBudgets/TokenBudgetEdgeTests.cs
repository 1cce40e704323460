using AgentHosting.SpendLedgers;
using AgentHosting.TokenBudgets;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.TokenBudgets;

/// <summary>What callers and providers say that is out of the ordinary.</summary>
public sealed class TokenBudgetEdgeTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Stream_PieceThatIsCutOffReportsUsage_ReaderGetsWhatWasCharged(bool reportsBefore)
    {
        ChatResponseUpdate first = new(ChatRole.Assistant, new string('x', 90));
        if (reportsBefore)
        {
            first.Contents.Add(new UsageContent(new UsageDetails { InputTokenCount = 2, OutputTokenCount = 1 }));
        }

        var usage = new UsageDetails { InputTokenCount = reportsBefore ? 0 : 2, OutputTokenCount = reportsBefore ? 109 : 110 };
        using var model = new UpdatesChatClient(first, new(ChatRole.Assistant, [new TextContent(new string('x', 20)), new UsageContent(usage)]));
        using var budget = new BudgetUnderTest(model);

        var response = await budget.Client.CallAsync(streaming: true);

        var row = (await budget.RowAsync()).Settlement;
        Assert.Equal((2, 110, SpendOutcome.Stopped), (row.InputTokens, row.OutputTokens, row.Outcome));
        Assert.Equal((90, 2, 110), (response.Text.Length, response.Usage?.InputTokenCount, response.Usage?.OutputTokenCount));
    }

    [Fact]
    public async Task Stream_FailsWithAStatusAfterItReportedUsage_CostsWhatWasReported()
    {
        using var model = new StubChatClient(stream: static _ => new FaultyStream(
            new ProviderException(529), new ChatResponseUpdate(ChatRole.Assistant, [new UsageContent(new UsageDetails { InputTokenCount = 50, OutputTokenCount = 3 })])));
        using var budget = new BudgetUnderTest(model, limits: new TokenBudgetLimit { MaxCost = 1000 });

        await Assert.ThrowsAnyAsync<Exception>(() => budget.Client.CallAsync(streaming: true));

        var row = (await budget.RowAsync()).Settlement;
        Assert.Equal((50, 3, 56m, SpendOutcome.Failed), (row.InputTokens, row.OutputTokens, row.Cost, row.Outcome));
    }
}

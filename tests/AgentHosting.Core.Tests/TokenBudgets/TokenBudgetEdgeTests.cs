using AgentHosting.SpendLedgers;
using AgentHosting.Testing;
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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_MaxOutputTokensBelowZero_IsRefusedAndSaysWhy(bool limited)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("hello"));
        using var budget = new BudgetUnderTest(model, limits: limited ? [new TokenBudgetLimit { MaxCost = 1000 }] : []);

        var exception = await Assert.ThrowsAsync<AgentRequestRejectedException>(() => budget.Client.CallAsync(streaming: true, new ChatOptions { MaxOutputTokens = -1 }));

        Assert.Contains("MaxOutputTokens is -1", exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, model.CallCount);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_LongestAnswerCostsMoreThanCountersHold_IsShortenedAndRecorded(bool limited)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("hello").WithUsage(2, 5));
        using var budget = new BudgetUnderTest(model, limits: limited ? [new TokenBudgetLimit { MaxCost = 1000 }] : []);

        await budget.Client.CallAsync(streaming: false, new ChatOptions { MaxOutputTokens = int.MaxValue });

        Assert.Equal(limited ? 499 : 4_503_598, model.Requests[0].Options?.MaxOutputTokens);
        Assert.Equal(12m, (await budget.RowAsync()).Settlement.Cost);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    public async Task Call_InputCostsMoreThanCountersHold_IsRefusedAndNamesThePrice(int maxOutputTokens)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("hello"));
        using var budget = new BudgetUnderTest(model, configure: static options => options.PriceOf = static _ => new() { Input = 1e13m, Output = 1m });

        var exception = await Assert.ThrowsAsync<AgentRequestRejectedException>(
            () => budget.Client.CallAsync(streaming: false, new ChatOptions { MaxOutputTokens = maxOutputTokens }));

        Assert.Contains("Check the price of model 'scripted-model'", exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, model.CallCount);
    }
}

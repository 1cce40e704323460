using AgentHosting.Agents;
using AgentHosting.Pricing;
using AgentHosting.SpendLedgers;
using AgentHosting.SpendLedgers.Internal;
using AgentHosting.TokenBudgets;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.Core.Tests.TokenBudgets;

/// <summary>What is reserved and where a stream ends, as the estimate of Core counts.</summary>
public sealed class TokenBudgetCountingTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stream_EstimateIsPastTheLimitThatTheProviderKeeps_IsNotCut()
    {
        // The estimate says up to twice what there is; the provider was told the limit.
        var text = string.Concat(Enumerable.Repeat("word ", 150));
        var (response, row) = await StreamAsync(text, static budget => budget.DefaultMaxOutputTokens = 100);

        Assert.Equal((text, ChatFinishReason.Stop), (response.Text, response.FinishReason));
        Assert.Equal((100, SpendOutcome.Completed, true), (row.OutputTokens, row.Outcome, row.IsEstimated));
    }

    [Fact]
    public async Task Stream_SurelyPastTheLimit_IsCutAndChargedNoMoreThanAPieceAbove()
    {
        var (response, row) = await StreamAsync(string.Concat(Enumerable.Repeat("word ", 1000)), static budget => budget.DefaultMaxOutputTokens = 100);

        Assert.Equal(ChatFinishReason.Length, response.FinishReason);
        Assert.InRange(response.Text.Length, 100 * "word ".Length, 202 * "word ".Length);
        Assert.Equal(SpendOutcome.Stopped, row.Outcome);
        Assert.InRange(row.OutputTokens, 100, 102);
        // Who adds up the usage of the stream gets what was charged.
        Assert.Equal((row.InputTokens, row.OutputTokens), (response.Usage!.InputTokenCount, response.Usage.OutputTokenCount));
    }

    [Fact]
    public async Task Stream_LimitCoversNoMore_IsCutThere()
    {
        var (response, row) = await StreamAsync(
            string.Concat(Enumerable.Repeat("word ", 150)), static budget => budget.Limits.Add(new TokenBudgetLimit { MaxTokens = 120 }));

        Assert.Equal(ChatFinishReason.Length, response.FinishReason);
        Assert.InRange(row.InputTokens + row.OutputTokens, 110, 122);
    }

    [Fact]
    public async Task Call_FilesAndHistoryOfTheProvider_AreReserved()
    {
        var message = new ChatMessage(ChatRole.User, [new HostedFileContent("file_1"), new HostedFileContent("file_2")]);
        var plain = await ReservedAsync(new ChatMessage(ChatRole.User, ""), null);

        Assert.Equal(20_000, await ReservedAsync(message, null) - plain);
        Assert.Equal(32_000, await ReservedAsync(new ChatMessage(ChatRole.User, ""), new ChatOptions { ConversationId = "c" }) - plain);
        Assert.Equal(
            700, await ReservedAsync(message, new ChatOptions { ConversationId = "c" }, static budget => (budget.HostedFileTokens, budget.KeptHistoryTokens) = (100, 500)) - plain);
    }

    [Fact]
    public async Task Call_HistoryOfTheProviderAndAWindow_ReservesTheWindow()
    {
        using var model = new UpdatesChatClient(new ChatResponseUpdate(ChatRole.Assistant, "ok") { FinishReason = ChatFinishReason.Stop });
        await using var host = await TestHost.StartAsync(hosting => hosting
            .AddModel("mini", _ => model, static options => options.ContextWindow = 9_000)
            .AddTokenBudget(static _ => { })
            .AddAgent("a", static agent => agent.UsePipeline(static pipeline => pipeline.UseTokenBudget())));

        await host.Services.GetRequiredService<IAgentRegistry>().Find("a")!.ChatClient.GetResponseAsync("Hi", new ChatOptions { ConversationId = "c" }, Token);

        var row = Assert.Single(await host.Services.GetRequiredService<ISpendLedger>().GetRowsAsync(new SpendQuery(), 10, Token));
        Assert.Equal(9_000, row.Settlement.InputTokens);
    }

    private static async Task<long> ReservedAsync(ChatMessage message, ChatOptions? options, Action<TokenBudgetOptions>? configure = null)
    {
        // Without a report the row has what was reserved.
        var (_, row) = await CallAsync("ok", [message], options, configure);
        return row.InputTokens;
    }

    private static Task<(ChatResponse Response, SpendSettlement Row)> StreamAsync(string text, Action<TokenBudgetOptions> configure) =>
        CallAsync(text, [new ChatMessage(ChatRole.User, "hi")], null, configure);

    private static async Task<(ChatResponse Response, SpendSettlement Row)> CallAsync(
        string text, IEnumerable<ChatMessage> messages, ChatOptions? chatOptions, Action<TokenBudgetOptions>? configure)
    {
        var updates = text.Chunk(3).Select(static piece => new ChatResponseUpdate(ChatRole.Assistant, new string(piece))).ToList();
        updates.Add(new ChatResponseUpdate(ChatRole.Assistant, []) { FinishReason = ChatFinishReason.Stop });
        using var model = new UpdatesChatClient([.. updates]);
        var options = new TokenBudgetOptions { MinOutputTokens = 1, PriceOf = static _ => BudgetUnderTest.Price };
        configure?.Invoke(options);
        var ledger = InMemorySpendLedger.Create(TimeProvider.System);
        using var client = model.AsBuilder().UseTokenBudget(options, ledger).Build();

        var response = await client.GetStreamingResponseAsync(messages, chatOptions, Token).ToChatResponseAsync(Token);

        return (response, Assert.Single(await ledger.GetRowsAsync(new SpendQuery(), 10, Token)).Settlement);
    }
}

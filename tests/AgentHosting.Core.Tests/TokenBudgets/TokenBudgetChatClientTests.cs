using AgentHosting.Pricing;
using AgentHosting.SpendLedgers;
using AgentHosting.Testing;
using AgentHosting.TokenBudgets;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AgentHosting.Core.Tests.TokenBudgets;

public sealed class TokenBudgetChatClientTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<bool> Shapes => [false, true];

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Call_Answered_ChargesWhatTheProviderReports(bool streaming)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("hello").WithUsage(7, 3));
        using var budget = new BudgetUnderTest(model, limits: new TokenBudgetLimit { MaxCost = 1000 });

        Assert.Equal("hello", (await budget.Client.CallAsync(streaming)).Text);

        var row = await budget.RowAsync();
        Assert.Equal((7, 3, 13m, false), (row.Settlement.InputTokens, row.Settlement.OutputTokens, row.Settlement.Cost, row.Settlement.IsEstimated));
        Assert.Equal((SpendOutcome.Completed, "scripted-model"), (row.Settlement.Outcome, row.Account.Model));
        var balance = await budget.BalanceAsync();
        Assert.Equal((13_000_000_000, 0, 1), (balance.SettledCostNanos, balance.HeldCostNanos, balance.Calls));
        Assert.Equal(100, model.Requests[0].Options?.MaxOutputTokens);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Call_PastTheBudget_IsRefusedAndNamesIt(bool streaming)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x").WithUsage(2, 50)) { Repeat = true };
        using var budget = new BudgetUnderTest(
            model, limits: [new() { MaxCost = 10_000 }, new() { Scope = SpendScope.User, Window = TokenBudgetWindow.Day, MaxCost = 120 }]);
        var options = new ChatOptions().WithAgentContext(new AgentCallContext { UserId = "ann" });
        await budget.Client.CallAsync(streaming, options);

        var exception = await Assert.ThrowsAsync<BudgetExceededException>(() => budget.Client.CallAsync(streaming, options));

        Assert.Equal((SpendScope.User, "ann", SpendUnit.Cost, 120m, 18m), (exception.Scope, exception.ScopeId, exception.Unit, exception.Limit, exception.Remaining));
        Assert.Equal(TimeSpan.FromHours(12), exception.RetryAfter);
        Assert.Equal("The budget of User 'ann' (day:UTC) does not cover the request: 18 of 120 of the currency left, 22 needed. It resets at 2026-03-11 00:00:00Z.", exception.Message);
        Assert.Equal(1, model.CallCount);
        budget.Clock.Advance(exception.RetryAfter!.Value);
        await budget.Client.CallAsync(streaming, options);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Call_BudgetNearlySpent_ShortensTheAnswer(bool streaming)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("short").WithUsage(2, 5));
        using var budget = new BudgetUnderTest(model, limits: new TokenBudgetLimit { MaxCost = 52 });

        await budget.Client.CallAsync(streaming);

        Assert.Equal(25, model.Requests[0].Options?.MaxOutputTokens);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Call_UnknownPriceUnderACapOnMoney_IsRefusedUnlessAllowed(bool streaming)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x").WithUsage(2, 5)) { Repeat = true };
        using var refusing = new BudgetUnderTest(model, configure: static options => options.PriceOf = null, limits: new TokenBudgetLimit { MaxCost = 52 });
        using var allowing = new BudgetUnderTest(
            model, configure: static options => (options.PriceOf, options.UnknownPrice) = (null, UnknownPricePolicy.Allow), limits: new TokenBudgetLimit { MaxCost = 52 });

        var exception = await Assert.ThrowsAsync<AgentRequestRejectedException>(() => refusing.Client.CallAsync(streaming));
        Assert.Contains("the price of model 'scripted-model' is unknown. Set InputPrice", exception.Message, StringComparison.Ordinal);
        await allowing.Client.CallAsync(streaming);
        Assert.Null((await allowing.RowAsync()).Settlement.Cost);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Call_NoUsageReported_IsCountedAndMarked(bool streaming)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Stream("hel", "lo").WithoutUsage());
        using var budget = new BudgetUnderTest(model);

        await budget.Client.CallAsync(streaming);

        var settlement = (await budget.RowAsync()).Settlement;
        Assert.Equal((2, 5, 12m, true), (settlement.InputTokens, settlement.OutputTokens, settlement.Cost, settlement.IsEstimated));
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Call_ZeroReported_StaysZero(bool streaming)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("hello").WithUsage(0, 0));
        using var budget = new BudgetUnderTest(model);

        await budget.Client.CallAsync(streaming);

        var settlement = (await budget.RowAsync()).Settlement;
        Assert.Equal((0, 0, 0m, false), (settlement.InputTokens, settlement.OutputTokens, settlement.Cost, settlement.IsEstimated));
    }

    [Theory]
    [InlineData(StreamedUsage.Sum, 12)]
    [InlineData(StreamedUsage.Last, 7)]
    public async Task Stream_SeveralReports_AreReadAsTheProviderMeansThem(StreamedUsage usage, int expected)
    {
        using var model = new UpdatesChatClient(
            new ChatResponseUpdate(ChatRole.Assistant, [new UsageContent(new UsageDetails { InputTokenCount = 4, OutputTokenCount = 1 })]),
            new ChatResponseUpdate(ChatRole.Assistant, [new TextContent("hello"), new UsageContent(new UsageDetails { InputTokenCount = 4, OutputTokenCount = 3 })]) { FinishReason = ChatFinishReason.Stop });
        using var budget = new BudgetUnderTest(model.AsBuilder().UseReportedUsage(usage).Build());

        await budget.Client.CallAsync(streaming: true);

        var settlement = (await budget.RowAsync()).Settlement;
        Assert.Equal(expected, settlement.InputTokens + settlement.OutputTokens);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Call_CachedInputBesideTheInput_IsChargedInFull(bool streaming)
    {
        var usage = new UsageDetails { InputTokenCount = 4, OutputTokenCount = 1, AdditionalCounts = new() { ["CacheReadInputTokens"] = 30, ["CacheCreationInputTokens"] = 2 } };
        using var model = new UpdatesChatClient(new ChatResponseUpdate(ChatRole.Assistant, [new TextContent("x"), new UsageContent(usage)]) { FinishReason = ChatFinishReason.Stop });
        using var budget = new BudgetUnderTest(model);

        await budget.Client.CallAsync(streaming);

        var settlement = (await budget.RowAsync()).Settlement;
        Assert.Equal((36, 30, 2, 38m, false), (settlement.InputTokens, settlement.CachedInputTokens, settlement.CacheWriteTokens, settlement.Cost, settlement.IsEstimated));
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Call_LessThanNothingReported_IsCountedAndGivesNothingBack(bool streaming)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("hello").WithUsage(-1, -1));
        using var budget = new BudgetUnderTest(model, limits: new TokenBudgetLimit { MaxCost = 1000 });

        await budget.Client.CallAsync(streaming);

        var row = await budget.RowAsync();
        Assert.Equal((2, 5, 12m, true), (row.Settlement.InputTokens, row.Settlement.OutputTokens, row.Settlement.Cost, row.Settlement.IsEstimated));
        Assert.Equal(7, (await budget.BalanceAsync()).SettledTokens);
    }

    [Fact]
    public async Task Stream_PastWhatWasReserved_EndsThereWellFormed()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text(new string('x', 500), chunkSize: 10).WithUsage(2, 500));
        using var budget = new BudgetUnderTest(model, limits: new TokenBudgetLimit { MaxCost = 62 });

        var response = await budget.Client.CallAsync(streaming: true);

        Assert.Equal((30, ChatFinishReason.Length), (response.Text.Length, response.FinishReason));
        Assert.Equal(true, response.AdditionalProperties?[TokenBudgetProperties.Stopped]);
        await model.WaitForIdleAsync(Token);
        var settlement = (await budget.RowAsync()).Settlement;
        // The piece that passed the limit was produced and is billed, and not handed on.
        Assert.Equal((40, SpendOutcome.Stopped, true), (settlement.OutputTokens, settlement.Outcome, settlement.IsEstimated));
    }

    [Fact]
    public async Task Stream_ReaderGoesAway_IsBilledForWhatWasProduced()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Stream("one ", "two ", "three"));
        using var budget = new BudgetUnderTest(model, limits: new TokenBudgetLimit { MaxCost = 1000 });
        await foreach (var update in budget.Client.GetStreamingResponseAsync("hi", cancellationToken: Token))
        {
            if (update.Text.Contains("two", StringComparison.Ordinal))
            {
                break;
            }
        }

        var settlement = (await budget.RowAsync()).Settlement;
        Assert.Equal((2, 8, SpendOutcome.Cancelled, true), (settlement.InputTokens, settlement.OutputTokens, settlement.Outcome, settlement.IsEstimated));
        Assert.Equal(0, (await budget.BalanceAsync()).HeldCostNanos);
    }

    [Fact]
    public async Task Stream_NeverEnumerated_ReservesNothing()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x"));
        using var budget = new BudgetUnderTest(model, limits: new TokenBudgetLimit { MaxCost = 1000 });

        _ = budget.Client.GetStreamingResponseAsync("hi", cancellationToken: Token);

        Assert.Equal((0, 0), ((await budget.BalanceAsync()).Calls, model.CallCount));
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Call_ProviderAnswersWithAnError_CostsNothing(bool streaming)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Fail(503));
        using var budget = new BudgetUnderTest(model, limits: new TokenBudgetLimit { MaxCost = 1000 });

        await Assert.ThrowsAsync<ScriptedHttpException>(() => budget.Client.CallAsync(streaming));

        var settlement = (await budget.RowAsync()).Settlement;
        Assert.Equal((0m, SpendOutcome.Failed, false), (settlement.Cost, settlement.Outcome, settlement.IsEstimated));
        Assert.Equal((0, 0), ((await budget.BalanceAsync()).HeldCostNanos, (await budget.BalanceAsync()).SettledCostNanos));
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Call_ConnectionLost_CostsItsInput(bool streaming)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Fail(new HttpRequestException("reset")));
        using var budget = new BudgetUnderTest(model);

        await Assert.ThrowsAsync<HttpRequestException>(() => budget.Client.CallAsync(streaming));

        var settlement = (await budget.RowAsync()).Settlement;
        Assert.Equal((2m, SpendOutcome.Failed, true), (settlement.Cost, settlement.Outcome, settlement.IsEstimated));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Call_LedgerDown_FailsClosedWhereSomethingIsCapped(bool capped, bool streaming)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("hello")) { Repeat = true };
        using var budget = new BudgetUnderTest(model, new BrokenLedger(), limits: capped ? [new() { MaxTokens = 1000 }] : []);

        if (capped)
        {
            var exception = await Assert.ThrowsAsync<AgentRequestRejectedException>(() => budget.Client.CallAsync(streaming));
            Assert.IsType<TimeoutException>(exception.InnerException);
        }
        else
        {
            Assert.Equal("hello", (await budget.Client.CallAsync(streaming)).Text);
        }

        Assert.Equal(capped ? 0 : 1, model.CallCount);
    }

    [Fact]
    public async Task Stream_LongerThanTheLease_KeepsItsReservation()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Stream("one ", "two ", "three").WithUsage(2, 13));
        using var budget = new BudgetUnderTest(model, limits: new TokenBudgetLimit { MaxCost = 1000 });

        await foreach (var update in budget.Client.GetStreamingResponseAsync("hi", cancellationToken: Token))
        {
            budget.Clock.Advance(TimeSpan.FromMinutes(6));
            Assert.Equal(0, (await budget.Ledger.SweepAsync(10, Token)).Charged);
        }

        Assert.Equal((28m, false), ((await budget.RowAsync()).Settlement.Cost, (await budget.RowAsync()).Settlement.IsEstimated));
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Call_AnswerWasShortened_DoesNotCountAsRefused(bool streaming)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("short").WithUsage(2, 5)) { Repeat = true };
        using var budget = new BudgetUnderTest(model, limits: new TokenBudgetLimit { MaxCost = 52 });
        var options = new SpendReservation
        {
            Id = "asks",
            Account = new SpendAccount(),
            Limits = [new SpendLimit { Scope = SpendScope.Global, MaxCostNanos = 52_000_000_000, AlertRatios = [0.5, 0.8, 1] }],
            InputTokens = 1,
            MaxOutputTokens = 1,
            MaxCost = 45,
            Lease = TimeSpan.FromMinutes(1),
        };
        await budget.Client.CallAsync(streaming);

        // 12 of 52 are spent, and nothing was told: the ledger tells it now, for the same cap.
        Assert.Equal([0.5, 0.8, 1], (await budget.Ledger.ReserveAsync(options, Token)).Crossings.Select(static crossing => crossing.Ratio));
    }

    [Theory]
    [InlineData(0.5, 0.5)]
    [InlineData(0.8, 0.5)]
    [InlineData(0, 0.5)]
    [InlineData(0.5, 1.1)]
    [InlineData(0.5, double.NaN)]
    public void Use_InvalidAlertRatios_SayWhichAndWhy(double first, double second)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x"));
        var exception = Assert.Throws<OptionsValidationException>(() => new BudgetUnderTest(model, configure: options =>
        {
            options.AlertRatios.Clear();
            options.AlertRatios.Add(first);
            options.AlertRatios.Add(second);
        }));

        Assert.Contains("AgentHosting:TokenBudget:AlertRatios:", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Use shares of the cap above 0 and up to 1, ascending, as 0.5, 0.8, 1.", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AlertRatios_InConfiguration_ReplaceTheDefaults()
    {
        using var host = TestHost.Build(static builder => builder.AddTokenBudget(), ("AgentHosting:TokenBudget:AlertRatios:0", "0.9"));

        Assert.Equal([0.9], host.Services.GetRequiredService<IOptions<TokenBudgetOptions>>().Value.AlertRatios);
        Assert.Equal([0.5, 0.8, 1], new TokenBudgetOptions().AlertRatios);
    }

    [Fact]
    public async Task Call_CapWithAFractionOfABillionth_IsNotPassedByIt()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x").WithUsage(1, 0)) { Repeat = true };
        var options = new TokenBudgetOptions
        {
            PriceOf = static _ => new ModelPrice { Input = 0.001m, Output = 0 },
            Limits = { new() { MaxCost = 0.0000000015m } },
        };
        using var client = model.AsBuilder().UseTokenBudget(options).Build(new ServiceCollection().AddSingleton<ITokenCounter, LengthCounter>().BuildServiceProvider());

        // A billionth each: the second would make two of one and a half.
        await client.GetResponseAsync("a", cancellationToken: TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<BudgetExceededException>(() => client.GetResponseAsync("a", cancellationToken: TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Use_InvalidLimits_SayWhichAndWhy()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x"));
        var options = new TokenBudgetOptions
        {
            Limits =
            {
                new(),
                new() { MaxCost = 10_000_000m },
                new() { Window = TokenBudgetWindow.Rolling, MaxCalls = 1 },
                new() { Window = TokenBudgetWindow.Day, TimeZone = "Mars", MaxCalls = -1 },
                new() { Window = TokenBudgetWindow.Month, TimeZone = null!, MaxCalls = 1 },
                new() { Window = (TokenBudgetWindow)9, Scope = (SpendScope)99, MaxCalls = 1 },
                null!,
            },
            WrapUpAt = 0.5,
            UnknownPrice = (UnknownPricePolicy)5,
        };

        var message = Assert.Throws<Microsoft.Extensions.Options.OptionsValidationException>(() => model.AsBuilder().UseTokenBudget(options)).Message;

        string[] parts =
        [
            "Limits:0 is without a cap", "Limits:1:MaxCost is 10000000", "Limits:2:Length is not set", "Limits:3:TimeZone is Mars", "Limits:3:MaxCalls is -1", "Limits:4:TimeZone is not set",
            "Limits:5:Window is 9", "Limits:5:Scope is 99", "Limits:6 is not set", "UnknownPrice is 5", "WrapUpAt is 0.5",
        ];
        foreach (var part in parts)
        {
            Assert.Contains($"AgentHosting:TokenBudget:{part}", message, StringComparison.Ordinal);
        }
    }
}

using AgentHosting.SpendLedgers;
using AgentHosting.Testing;
using AgentHosting.TokenBudgets;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;

namespace AgentHosting.Core.Tests.TokenBudgets;

public sealed class TokenBudgetWrapUpTests
{
    private const string Told = "Finish.";

    public static TheoryData<bool> Shapes => [false, true];

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Call_NearTheEndOfTheRunsBudget_TellsTheModelOncePerRequest(bool streaming)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x").WithUsage(10, 20)) { Repeat = true };
        using var budget = WithLimit(model, new() { Scope = SpendScope.Run, MaxCost = 400 }, at: 0.5);
        var options = new ChatOptions { Instructions = "Be brief.", MaxOutputTokens = 20 }.WithAgentContext(new AgentCallContext { RunId = "r" });
        for (var i = 0; i < 6; i++)
        {
            await budget.Client.CallAsync(streaming, options);
        }

        // 50 each: the fifth finds 200 of 400 spent.
        string[] expected = ["Be brief.", "Be brief.", "Be brief.", "Be brief.", $"Be brief.\n\n{Told}", $"Be brief.\n\n{Told}"];
        Assert.Equal(expected, model.Requests.Select(static request => request.Options!.Instructions));
        Assert.Equal("Be brief.", options.Instructions);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Call_OtherRunOrNoRun_IsToldNothing(bool streaming)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x").WithUsage(10, 20)) { Repeat = true };
        using var budget = WithLimit(model, new() { Scope = SpendScope.Run, MaxCalls = 3 }, at: 0.3);
        await budget.Client.CallAsync(streaming, Run("a"));
        await budget.Client.CallAsync(streaming, Run("b"));
        await budget.Client.CallAsync(streaming);
        await budget.Client.CallAsync(streaming, Run("a"));

        Assert.Equal([null, null, null, Told], model.Requests.Select(static request => request.Options!.Instructions));

        static ChatOptions Run(string id) => new ChatOptions().WithAgentContext(new AgentCallContext { RunId = id });
    }

    [Fact]
    public async Task Call_LedgerDoesNotAnswer_IsRefusedByTheReservation()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x"));
        using var budget = new BudgetUnderTest(
            model, new BrokenLedger(), static options => options.WrapUpAt = 0.5, new TokenBudgetLimit { Scope = SpendScope.Run, MaxCalls = 3 });

        await Assert.ThrowsAsync<AgentRequestRejectedException>(
            () => budget.Client.CallAsync(false, new ChatOptions().WithAgentContext(new AgentCallContext { RunId = "r" })));

        Assert.Equal(0, model.CallCount);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(1.1)]
    public void Build_ShareOutOfRange_NamesTheKey(double at)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x"));

        var exception = Assert.Throws<OptionsValidationException>(() => WithLimit(model, new() { Scope = SpendScope.Run, MaxCalls = 3 }, at));

        Assert.Contains("TokenBudget:WrapUpAt", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Build_WithoutALimitOfRuns_SaysWhatToAdd()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x"));

        var exception = Assert.Throws<OptionsValidationException>(() => WithLimit(model, new() { MaxCalls = 3 }, at: 0.5));

        Assert.Contains("Add a limit with Scope Run", exception.Message, StringComparison.Ordinal);
    }

    private static BudgetUnderTest WithLimit(IChatClient model, TokenBudgetLimit limit, double at) =>
        new(model, configure: options => (options.WrapUpAt, options.WrapUpMessage) = (at, Told), limits: limit);
}

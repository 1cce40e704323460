using AgentHosting.Core.Tests.TokenBudgets;
using AgentHosting.ModelRouting;
using AgentHosting.SpendLedgers;
using AgentHosting.TokenBudgets;
using Microsoft.Extensions.AI;
using static AgentHosting.Core.Tests.ModelRouting.RouterFixture;

namespace AgentHosting.Core.Tests.ModelRouting;

public sealed class StepDownRoutePolicyTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_NearTheEndOfItsBudget_GoesToTheWeakestModel(bool stream)
    {
        using var fixture = new RouterFixture();
        var client = Build(fixture, new() { Scope = SpendScope.User, MaxCalls = 10 });

        var told = new List<string>();
        for (var i = 0; i < 7; i++)
        {
            told.Add(await AskAsync(client, Hard, User("ann"), stream));
        }

        Assert.Equal(["large", "large", "large", "large", "large", "mini", "mini"], told);
        Assert.Equal("large", await AskAsync(client, Hard, User("bob"), stream));
        Assert.Equal("large", await AskAsync(client, Hard, options: null, stream));
    }

    [Fact]
    public async Task Call_LimitOfOneModel_SaysNothingAboutTheOthers()
    {
        using var fixture = new RouterFixture();
        var client = Build(fixture, new() { Scope = SpendScope.Model, MaxCalls = 4 });
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal("large", await AskAsync(client, Hard));
        }
    }

    [Fact]
    public async Task Call_LedgerDoesNotAnswer_IsRoutedAsBefore()
    {
        using var fixture = new RouterFixture();
        var budget = fixture.Catalog.AsBuilder()
            .UseTokenBudget(new TokenBudgetOptions { Limits = { new() { MaxCalls = 1 } }, UnknownPrice = UnknownPricePolicy.Allow }, new BrokenLedger())
            .Build(fixture.Services);
        var client = budget.AsBuilder().UseModelRouter(Options()).Build(fixture.Services);

        // The budget refuses; the route was chosen all the same.
        var options = new ChatOptions().WithAgentContext(new AgentCallContext());
        await Assert.ThrowsAsync<AgentRequestRejectedException>(() => AskAsync(client, Hard, options));

        Assert.Equal("complex", options.GetAgentContext()!.RouteReason);
        Assert.Contains(fixture.Logs.GetSnapshot(), static record => record.Id.Id == 1603);
    }

    [Fact]
    public void Build_NoBudgetBelow_SaysWhatToAdd()
    {
        using var fixture = new RouterFixture();

        var exception = Assert.Throws<InvalidOperationException>(() => fixture.Catalog.AsBuilder().UseModelRouter(Options()).Build(fixture.Services));

        Assert.Contains("Add UseTokenBudget below it", exception.Message, StringComparison.Ordinal);
    }

    private static IChatClient Build(RouterFixture fixture, TokenBudgetLimit limit) => fixture.Catalog.AsBuilder()
        .UseModelRouter(Options())
        .UseTokenBudget(new TokenBudgetOptions { Limits = { limit } })
        .Build(fixture.Services);

    private static ModelRouterOptions Options() => new()
    {
        StepDownAt = 0.5,
        Candidates = { new() { Model = "mini" }, new() { Model = "mid" }, new() { Model = "large" } },
    };

    private static ChatOptions User(string id) => new ChatOptions().WithAgentContext(new AgentCallContext { UserId = id });
}

using AgentHosting.Fallbacks;
using AgentHosting.Models;
using AgentHosting.Models.Internal;
using AgentHosting.RateLimits;
using AgentHosting.Testing;
using AgentHosting.TokenBudgets;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.Core.Tests.Pipelines;

/// <summary>Limits of models in a host, and in the recommended pipeline.</summary>
public sealed class ModelLimitTests
{
    [Theory]
    [InlineData(null, "1", 1)]
    [InlineData("2", null, 2)]
    [InlineData("1", "3", 3)]
    public async Task Call_LimitOfStageAndModel_ThatOfTheModelWins(string? ofStage, string? ofModel, int expected)
    {
        await using var host = await TestHost.StartAsync(
            static builder => builder.AddModel("mini", static _ => Model()).AddModel("large", static _ => Model()).AddModelRateLimit().AddAgent("a"),
            ("AgentHosting:ModelRateLimit:RequestsPerMinute", ofStage), ("AgentHosting:Models:mini:RequestsPerMinute", ofModel));
        using var client = new ModelCatalogChatClient(host.Services.GetRequiredService<IModelCatalog>()).AsBuilder().UseModelRateLimit().Build(host.Services);

        Assert.Equal(expected, await CountAsync(client, "mini"));
    }

    [Fact]
    public async Task Defaults_ModelWithALimit_HoldItForThatModelAloneOverAllPipelines()
    {
        await using var host = await TestHost.StartAsync(
            static builder => builder.AddModel("mini", static _ => Model(), static model => model.RequestsPerMinute = 5).AddModel("large", static _ => Model()).AddAgent("a"),
            ("AgentHosting:Models:mini:RequestsPerMinute", "2"));
        using var one = Defaults(host);
        using var two = Defaults(host);

        Assert.Equal((2, 0, 10), (await CountAsync(one, "mini"), await CountAsync(two, "mini"), await CountAsync(two, "large")));
    }

    [Fact]
    public async Task Defaults_NoLimits_HaveNoStage()
    {
        await using var host = await TestHost.StartAsync(static builder => builder.AddModel("mini", static _ => Model()).AddAgent("a"));
        using var client = new ModelCatalogChatClient(host.Services.GetRequiredService<IModelCatalog>()).AsBuilder()
            .UseProductionDefaults(static options => Assert.Null(options.ModelRateLimit)).Build(host.Services);

        Assert.Equal(10, await CountAsync(client, "mini"));
    }

    [Fact]
    public void Build_BudgetAboveTheRateLimit_IsRefused()
    {
        using var model = Model();
        var builder = model.AsBuilder().UseTokenBudget(new TokenBudgetOptions()).UseModelRateLimit(new ModelRateLimitOptions());

        Assert.Contains("UseTokenBudget stands above UseModelRateLimit.", Assert.Throws<InvalidOperationException>(() => builder.Build()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Build_RateLimitTwice_SaysToRemoveOne()
    {
        using var model = Model();
        var builder = model.AsBuilder().UseModelRateLimit(new ModelRateLimitOptions()).UseModelRateLimit(new ModelRateLimitOptions());

        Assert.StartsWith("UseModelRateLimit stands in this pipeline twice", Assert.Throws<InvalidOperationException>(() => builder.Build()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Defaults_ModelIsAtItsLimit_FallbackAnswersAndItsOwnClientIsCountedByItself(bool streaming)
    {
        using var first = new ScriptedChatClient(static _ => ScriptedTurn.Text("ok")) { ModelId = "same" };
        using var second = new ScriptedChatClient(static _ => ScriptedTurn.Text("ok")) { ModelId = "same", ProviderName = "other" };
        await using var services = new ServiceCollection().AddAgentHosting().Services.BuildServiceProvider();
        using var client = first.AsBuilder().UseProductionDefaults(options =>
        {
            options.ModelRateLimit = new ModelRateLimitOptions { RequestsPerMinute = 2 };
            options.Fallback = new FallbackOptions { Clients = { second } };
        }).Build(services);
        for (var i = 0; i < 4; i++)
        {
            await client.CallAsync(streaming);
        }

        await Assert.ThrowsAnyAsync<Exception>(() => client.CallAsync(streaming));
        Assert.Equal((2, 2), (first.CallCount, second.CallCount));
    }

    private static IChatClient Defaults(TestHost host) =>
        new ModelCatalogChatClient(host.Services.GetRequiredService<IModelCatalog>()).AsBuilder().UseProductionDefaults().Build(host.Services);

    private static async Task<int> CountAsync(IChatClient client, string model)
    {
        for (var i = 0; i < 10; i++)
        {
            try
            {
                await client.CallAsync(streaming: i % 2 == 0, new ChatOptions { ModelId = model });
            }
            catch (RateLimitedException exception)
            {
                Assert.Equal(model, exception.ScopeId);
                return i;
            }
        }

        return 10;
    }

    private static ScriptedChatClient Model() => new(static _ => ScriptedTurn.Text("ok"));
}

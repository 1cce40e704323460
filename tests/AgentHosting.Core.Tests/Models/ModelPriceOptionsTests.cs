using AgentHosting.Models;
using AgentHosting.Pricing;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.Core.Tests.Models;

public sealed class ModelPriceOptionsTests
{
    private const string Mini = "AgentHosting:Models:mini";

    [Fact]
    public async Task Find_AllPricesInConfiguration_AreThoseOfTheModel()
    {
        await using var host = await TestHost.StartAsync(
            hosting => hosting.AddModel("mini", _ => new ScriptedChatClient(ScriptedTurn.Text("ok")), model =>
            {
                (model.InputPrice, model.OutputPrice) = (9m, 9m);
                model.PriceTiers.Add(new PriceTierOptions { AboveInputTokens = 5, InputPrice = 7m, OutputPrice = 7m });
            }).AddAgent("a"),
            ($"{Mini}:InputPrice", "1.25"),
            ($"{Mini}:OutputPrice", "10"),
            ($"{Mini}:CachedInputPrice", "0.125"),
            ($"{Mini}:CacheWritePrice", "1.5"),
            ($"{Mini}:ReasoningPrice", "12"),
            ($"{Mini}:PriceTiers:0:AboveInputTokens", "200000"),
            ($"{Mini}:PriceTiers:0:InputPrice", "2.5"),
            ($"{Mini}:PriceTiers:0:OutputPrice", "15"),
            ($"{Mini}:PriceTiers:0:CachedInputPrice", "0.25"),
            ($"{Mini}:PriceTiers:0:CacheWritePrice", "3"),
            ($"{Mini}:PriceTiers:0:ReasoningPrice", "16"));

        var price = host.Services.GetRequiredService<IModelCatalog>().Find("mini")!.Price!;

        Assert.Equal((1.25m, 10m, 0.125m, 1.5m, 12m), Prices(price));
        var tier = Assert.Single(price.Tiers);
        Assert.Equal((200_000, (2.5m, 15m, 0.25m, 3m, 16m)), (tier.AboveInputTokens, Prices(tier.Price)));
        Assert.Equal(0.25m, UsageCost.Of(new UsageDetails { InputTokenCount = 200_000 }, price));
        Assert.Equal(0.5000025m, UsageCost.Of(new UsageDetails { InputTokenCount = 200_001 }, price));
    }

    [Theory]
    [InlineData("CacheWritePrice", "-1", "CacheWritePrice is -1")]
    [InlineData("ReasoningPrice", "-0.5", "ReasoningPrice is -0.5")]
    [InlineData("PriceTiers:0:AboveInputTokens", "0", "PriceTiers:0:AboveInputTokens is 0")]
    [InlineData("PriceTiers:0:InputPrice", "-3", "PriceTiers:0:InputPrice is -3")]
    [InlineData("PriceTiers:0:ReasoningPrice", "-3", "PriceTiers:0:ReasoningPrice is -3")]
    [InlineData("PriceTiers:1:AboveInputTokens", "1000", "PriceTiers:1:AboveInputTokens is 1000. List the tiers in ascending order")]
    [InlineData("PriceTiers:1:AboveInputTokens", "999", "PriceTiers:1:AboveInputTokens is 999. List the tiers in ascending order")]
    [InlineData("PriceTiers:2:AboveInputTokens", "3000", "PriceTiers:2:OutputPrice is not set")]
    [InlineData("PriceTiers:0:Price", "3", "cannot be read")]
    public async Task Start_WrongPrice_NamesItsKey(string key, string value, string expected)
    {
        List<(string, string?)> settings =
        [
            ($"{Mini}:InputPrice", "1"), ($"{Mini}:OutputPrice", "2"),
            ($"{Mini}:PriceTiers:0:AboveInputTokens", "1000"), ($"{Mini}:PriceTiers:0:InputPrice", "2"), ($"{Mini}:PriceTiers:0:OutputPrice", "3"),
            ($"{Mini}:PriceTiers:1:AboveInputTokens", "2000"), ($"{Mini}:PriceTiers:1:InputPrice", "2"), ($"{Mini}:PriceTiers:1:OutputPrice", "3"),
        ];
        settings.RemoveAll(setting => setting.Item1 == $"{Mini}:{key}");
        settings.Add(($"{Mini}:{key}", value));

        var message = await StartErrorAsync([.. settings]);

        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.Contains(Mini, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CachedInputPrice")]
    [InlineData("CacheWritePrice")]
    [InlineData("ReasoningPrice")]
    public async Task Start_PriceWithoutBasePrice_SaysToSetIt(string key)
    {
        var message = await StartErrorAsync(($"{Mini}:{key}", "1"));

        Assert.Contains($"{Mini}:{key} is 1. Set InputPrice and OutputPrice too.", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_TiersWithoutBasePrice_SaysToSetIt()
    {
        var message = await StartErrorAsync(
            ($"{Mini}:PriceTiers:0:AboveInputTokens", "1000"), ($"{Mini}:PriceTiers:0:InputPrice", "2"), ($"{Mini}:PriceTiers:0:OutputPrice", "3"));

        Assert.Contains($"{Mini}:PriceTiers is a list of 1. Set InputPrice and OutputPrice too.", message, StringComparison.Ordinal);
    }

    private static (decimal, decimal, decimal?, decimal?, decimal?) Prices(ModelPrice price) =>
        (price.Input, price.Output, price.CachedInput, price.CacheWrite, price.Reasoning);

    private static async Task<string> StartErrorAsync(params (string, string?)[] settings)
    {
        using var host = TestHost.Build(hosting => hosting.AddModel("mini", _ => new ScriptedChatClient(ScriptedTurn.Text("ok"))), settings);
        var exception = await Assert.ThrowsAnyAsync<Exception>(() => host.StartAsync(TestContext.Current.CancellationToken));
        return exception.Message;
    }
}

using AgentHosting.Pricing;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.Pricing;

public sealed class UsageCostTests
{
    private static readonly ModelPrice Price = new() { Input = 2m, Output = 8m, CachedInput = 0.5m };

    [Theory]
    [InlineData(1_000_000, 0, 0, "2")]
    [InlineData(1_000_000, 1_000_000, 0, "0.5")]
    [InlineData(1_000_000, 400_000, 100_000, "2.2")]
    [InlineData(1, 0, 0, "0.000002")]
    [InlineData(0, 0, 0, "0")]
    // More cached tokens than input tokens: they can only be beside it.
    [InlineData(10, 20, 0, "0.00003")]
    public void Of_ReportedUsage_PricesEachTokenOnce(long input, long cached, long output, string expected) => Assert.Equal(
        decimal.Parse(expected, System.Globalization.CultureInfo.InvariantCulture),
        UsageCost.Of(new UsageDetails { InputTokenCount = input, CachedInputTokenCount = cached, OutputTokenCount = output }, Price));

    [Fact]
    public void Of_NoCachedPrice_CachedTokensCostAsOthers() => Assert.Equal(
        2m, UsageCost.Of(new UsageDetails { InputTokenCount = 1_000_000, CachedInputTokenCount = 500_000 }, new ModelPrice { Input = 2m, Output = 8m }));

    [Theory]
    [InlineData("CacheReadInputTokens")]
    [InlineData("cache_read_input_tokens")]
    public void Of_CacheReadInAdditionalCountsAlone_IsBesideTheInput(string name) => Assert.Equal(
        2m + 0.25m, UsageCost.Of(new UsageDetails { InputTokenCount = 1_000_000, AdditionalCounts = new() { [name] = 500_000 } }, Price));

    [Fact]
    public void Of_CachedWithoutInput_IsPaidFor() => Assert.Equal(0.25m, UsageCost.Of(new UsageDetails { CachedInputTokenCount = 500_000 }, Price));
}

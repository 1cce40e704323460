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

    // What is counted before a call errs on the high side: the provider may count less, and price it by a dearer tier.
    [Fact]
    public void WorstCase_LargerInputIsCheaper_CoversEveryInputUpToIt()
    {
        var price = new ModelPrice
        {
            Input = 2m,
            Output = 8m,
            Tiers =
            [
                new PriceTier { AboveInputTokens = 300_000, Price = new ModelPrice { Input = 0.5m, Output = 12m } },
                new PriceTier { AboveInputTokens = 200_000, Price = new ModelPrice { Input = 1m, Output = 4m } },
            ],
        };

        foreach (var counted in new long[] { 0, 1, 200_000, 200_001, 250_000, 300_000, 300_001, 1_000_000 })
        {
            var most = UsageCost.WorstCase(counted, 1_000, price);
            foreach (var input in new long[] { 0, 1, 150_000, 200_000, 200_001, 300_000, 300_001, 1_000_000 }.Where(input => input <= counted))
            {
                var cost = UsageCost.Of(new UsageDetails { InputTokenCount = input, OutputTokenCount = 1_000 }, price);
                Assert.True(cost <= most, $"{input} of {counted} tokens cost {cost}, more than {most}");
            }
        }
    }
}

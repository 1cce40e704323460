using AgentHosting.Pricing;
using AgentHosting.Pricing.Internal;
using AgentHosting.SpendLedgers;
using AgentHosting.SpendLedgers.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.Pricing;

/// <summary>What is worked out in whole numbers is what decimals give: compared over random prices, counts and costs of every size.</summary>
public sealed class WholeDecimalTests
{
    private const int Rounds = 200_000;
    private const decimal NanosPerUnit = 1_000_000_000m;

    [Fact]
    public void TrySum_RandomRatesAndCounts_IsThatOfDecimals()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var told = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var (count, rate, otherCount, otherRate) = (Count(random), Rate(random), Count(random), Rate(random));
            if (!WholeDecimal.TrySum(count, rate, otherCount, otherRate, 6, out var sum))
            {
                continue;
            }

            told++;
            var expected = ((count * rate) + (otherCount * otherRate)) * 0.000001m;
            Assert.True(expected == sum, $"{count} * {rate} + {otherCount} * {otherRate} is {sum}, not {expected}. Seed {seed}");
        }

        Assert.InRange(told, Rounds / 4, Rounds * 9 / 10);
    }

    [Theory]
    [InlineData(-1, "1", 0, "1")]
    [InlineData(1, "1", -1, "1")]
    [InlineData(1, "-0.5", 1, "1")]
    [InlineData(1, "1", 1, "-0.5")]
    [InlineData(2_147_483_648, "1", 1, "1")]
    [InlineData(1, "2147483648", 1, "1")]
    [InlineData(1, "1", 1, "79228162514264337593543950335")]
    [InlineData(1, "0.0000000000000000000000000001", 1, "1")]
    [InlineData(1, "0.00000000001", 1, "1")]
    public void TrySum_NegativeOrLarge_IsLeftToDecimals(long count, string rate, long otherCount, string otherRate) => Assert.False(
        WholeDecimal.TrySum(count, Parse(rate), otherCount, Parse(otherRate), 6, out _));

    [Fact]
    public void Cost_RandomPricesAndCounts_IsThatOfDecimals()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var round = 0; round < Rounds; round++)
        {
            var price = new ModelPrice { Input = Rate(random) / 1000, Output = Rate(random) / 1000 };
            var (input, output) = (random.NextInt64(1L << random.Next(1, 40)), random.NextInt64(1L << random.Next(1, 40)));
            var expected = ((input * price.Input) + (output * price.Output)) * 0.000001m;
            var cost = UsageCost.Of(new UsageDetails { InputTokenCount = input, OutputTokenCount = output }, price);
            Assert.True(expected == cost, $"{input} at {price.Input} and {output} at {price.Output} cost {cost}, not {expected}. Seed {seed}");
            Assert.True(expected == UsageCost.WorstCase(input, output, price), $"Seed {seed}, round {round}");
        }
    }

    [Fact]
    public void ToNanos_RandomCosts_RoundsUpAsDecimalsDo()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var round = 0; round < Rounds; round++)
        {
            var cost = Cost(random);
            if (cost > SpendLimit.MaxNanos / NanosPerUnit)
            {
                Assert.Throws<ArgumentOutOfRangeException>(() => SpendMoney.ToNanos(cost));
                continue;
            }

            var expected = (long)decimal.Ceiling(cost * NanosPerUnit);
            Assert.True(expected == SpendMoney.ToNanos(cost), $"{cost} is {SpendMoney.ToNanos(cost)}, not {expected}. Seed {seed}");
        }
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("0.000000001", 1)]
    [InlineData("0.0000000010000000000000000001", 2)]
    [InlineData("0.0000000009999999999999999999", 1)]
    [InlineData("9007199.254740992", SpendLimit.MaxNanos)]
    [InlineData("9007199.25474099200000", SpendLimit.MaxNanos)]
    public void ToNanos_AtTheEdges_RoundsUp(string cost, long nanos) => Assert.Equal(nanos, SpendMoney.ToNanos(Parse(cost)));

    [Theory]
    [InlineData("-0.0000000000000000000000000001")]
    [InlineData("9007199.254740992000000000001")]
    [InlineData("9007199.254740993")]
    [InlineData("18446744073.709551616")]
    [InlineData("18446744073709551615")]
    [InlineData("79228162514264337593543950335")]
    public void ToNanos_NegativeOrTooLarge_Throws(string cost) => Assert.Throws<ArgumentOutOfRangeException>(() => SpendMoney.ToNanos(Parse(cost)));

    private static decimal Parse(string value) => decimal.Parse(value, System.Globalization.CultureInfo.InvariantCulture);

    private static long Count(Random random) => random.Next(20) == 0 ? -random.Next(5) : random.NextInt64(1L << random.Next(1, 36));

    private static decimal Rate(Random random) => new((int)random.NextInt64(1L << random.Next(1, 33)), random.Next(8) == 0 ? random.Next(100) : 0, 0, false, (byte)random.Next(13));

    // Of all scales, and of mantissas of up to 96 bits.
    private static decimal Cost(Random random)
    {
        var bits = random.Next(1, 97);
        return new(Part(0), Part(32), Part(64), false, (byte)random.Next(29));

        int Part(int from) => (int)random.NextInt64(1L << Math.Clamp(bits - from, 0, 32));
    }
}

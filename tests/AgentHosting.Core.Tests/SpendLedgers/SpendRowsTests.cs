using AgentHosting.SpendLedgers;
using AgentHosting.SpendLedgers.Internal;

namespace AgentHosting.Core.Tests.SpendLedgers;

public sealed class SpendRowsTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, 10)]
    [InlineData(1, 10)]
    [InlineData(100, 0)]
    [InlineData(100, 64)]
    [InlineData(100, 65)]
    [InlineData(100, 100)]
    [InlineData(100, 101)]
    [InlineData(100, 1_000)]
    [InlineData(64, 129)]
    public void Find_MoreRowsThanAreKept_GivesTheLatestFirst(int max, int added)
    {
        var rows = new SpendRows(max);
        for (var i = 0; i < added; i++)
        {
            rows.Add(new SpendAccount { UserId = "u" + (i % 2) }, new SpendSettlement { Id = $"{i}", OutputTokens = i, Cost = i / 7m }, Start.AddSeconds(i));
        }

        var expected = Enumerable.Range(0, added).Reverse().Take(max).ToList();

        Assert.Equal(expected.Select(static i => $"{i}"), rows.Find(new SpendQuery()).Select(static row => row.Settlement.Id));
        Assert.Equal(expected.Where(static i => i % 2 == 1).Select(static i => i / 7m), rows.Find(new SpendQuery { UserId = "u1" }).Select(static row => row.Settlement.Cost!.Value));
        Assert.All(rows.Find(new SpendQuery()), static row => Assert.Equal(Start.AddSeconds(row.Settlement.OutputTokens), row.At));
    }
}

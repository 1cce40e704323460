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
            Add(rows, new SpendAccount { UserId = "u" + (i % 2) }, new SpendSettlement { Id = $"{i}", OutputTokens = i, Cost = i / 7m }, Start.AddSeconds(i));
        }

        var expected = Enumerable.Range(0, added).Reverse().Take(max).ToList();

        Assert.Equal(expected.Select(static i => $"{i}"), Find(rows, new SpendQuery()).Select(static row => row.Settlement.Id));
        Assert.Equal(expected.Where(static i => i % 2 == 1).Select(static i => i / 7m), Find(rows, new SpendQuery { UserId = "u1" }).Select(static row => row.Settlement.Cost!.Value));
        Assert.All(Find(rows, new SpendQuery()), static row => Assert.Equal(Start.AddSeconds(row.Settlement.OutputTokens), row.At));
    }

    [Fact]
    public void Find_RowsComeMeanwhile_GoesOnWithoutThemAndLeavesOutWhatIsGone()
    {
        var rows = new SpendRows(10);
        Add(rows, 0, 10);
        var found = new List<SpendRow>();
        var next = rows.Find(new SpendQuery(), long.MaxValue, few: 4, max: 100, found);
        Add(rows, 10, 3);

        Assert.Null(rows.Find(new SpendQuery(), next!.Value, few: 100, max: 100, found));

        Assert.Equal(["9", "8", "7", "6", "5", "4", "3"], found.Select(static row => row.Settlement.Id));
    }

    [Fact]
    public void Replace_RowThatIsKept_TakesItsPlaceAndOneThatIsGoneChangesNothing()
    {
        var rows = new SpendRows(4);
        var numbers = Add(rows, 0, 6);

        rows.Replace(numbers[1], new SpendSettlement { Id = "gone" });
        rows.Replace(numbers[3], new SpendSettlement { Id = "new" });

        Assert.Equal(["5", "4", "new", "2"], Find(rows, new SpendQuery()).Select(static row => row.Settlement.Id));
        Assert.Equal("u1", Find(rows, new SpendQuery())[2].Account.UserId);
    }

    private static List<long> Add(SpendRows rows, int first, int count) =>
        [.. Enumerable.Range(first, count).Select(i => Add(rows, new SpendAccount { UserId = "u" + (i % 2) }, new SpendSettlement { Id = $"{i}" }, Start.AddSeconds(i)))];

    private static long Add(SpendRows rows, SpendAccount account, SpendSettlement settlement, DateTimeOffset at) =>
        rows.Add(new SpendSum(SpendSumKey.Of(account, at)), account, settlement, at);

    private static List<SpendRow> Find(SpendRows rows, SpendQuery query)
    {
        var found = new List<SpendRow>();
        for (long? next = long.MaxValue; next is not null;)
        {
            next = rows.Find(query, next.Value, few: 7, max: int.MaxValue, found);
        }

        return found;
    }
}

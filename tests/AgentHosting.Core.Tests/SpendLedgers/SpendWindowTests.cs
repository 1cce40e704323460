using AgentHosting.SpendLedgers;

namespace AgentHosting.Core.Tests.SpendLedgers;

public sealed class SpendWindowTests
{
    [Theory]
    [InlineData("Europe/Paris")]
    [InlineData("America/New_York")]
    [InlineData("America/Havana")] // clocks go back over midnight
    [InlineData("Africa/Cairo")] // clocks go forward at midnight
    [InlineData("Australia/Lord_Howe")] // half an hour
    [InlineData("Pacific/Apia")]
    [InlineData("UTC")]
    public void SliceAt_EveryQuarterOfAnHourOfTwoYears_IsMonotonicAndWithinItsPeriod(string zone)
    {
        foreach (var window in new[] { SpendWindow.Day(zone), SpendWindow.Week(zone), SpendWindow.Month(zone) })
        {
            var last = long.MinValue;
            var periods = 0;
            var start = new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);
            for (var now = start; now < start.AddYears(2); now += TimeSpan.FromMinutes(15))
            {
                var slice = window.SliceAt(now);
                Assert.True(slice >= last && slice <= now.UtcTicks, $"{window} at {now:O}: {slice} after {last}");
                Assert.True(window.EndOf(slice) > now, $"{window} at {now:O} ended at {window.EndOf(slice):O}");
                periods += slice > last ? 1 : 0;
                last = slice;
            }

            Assert.InRange(periods, window.Name[0] switch { 'd' => 730, 'w' => 104, _ => 24 }, window.Name[0] switch { 'd' => 732, 'w' => 106, _ => 26 });
        }
    }

    [Theory]
    [InlineData("2026-01-31T23:59:59Z", "2026-02-01T00:00:00Z")]
    [InlineData("2028-02-29T12:00:00Z", "2028-03-01T00:00:00Z")]
    [InlineData("2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z")]
    public void EndOf_Month_IsTheFirstOfTheNext(string now, string end)
    {
        var window = SpendWindow.Month();

        Assert.Equal(DateTimeOffset.Parse(end, null), window.EndOf(window.SliceAt(DateTimeOffset.Parse(now, null))));
    }

    [Fact]
    public void EndOf_Week_IsMonday()
    {
        var window = SpendWindow.Week();

        Assert.Equal(new DateTimeOffset(2026, 11, 30, 0, 0, 0, TimeSpan.Zero), window.EndOf(window.SliceAt(new DateTimeOffset(2026, 11, 26, 8, 0, 0, TimeSpan.Zero))));
    }

    [Fact]
    public void Create_WrongArguments_SayWhatToUse()
    {
        Assert.Contains("366 days", Assert.Throws<ArgumentOutOfRangeException>(() => SpendWindow.Rolling(TimeSpan.Zero)).Message, StringComparison.Ordinal);
        Assert.Contains("'Europe/Atlantis'", Assert.Throws<ArgumentException>(() => SpendWindow.Day("Europe/Atlantis")).Message, StringComparison.Ordinal);
        Assert.Equal(SpendWindow.Day(), SpendWindow.Day("UTC"));
        Assert.NotEqual(SpendWindow.Day(), SpendWindow.Week());
    }
}

using AgentHosting.SpendLedgers;
using AgentHosting.SpendLedgers.Internal;

namespace AgentHosting.Core.Tests.SpendLedgers;

public sealed class SpendHoldsTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void NextDue_RandomRenewalsAndEnds_GivesExactlyThoseWhoseLeaseEnded()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var (holds, open, now) = (new SpendHolds(), new List<SpendHold>(), Start);
        for (var i = 0; i < 5000; i++)
        {
            now += TimeSpan.FromSeconds(random.Next(3));
            switch (random.Next(4))
            {
                case 0 or 1:
                    var hold = Hold($"{i}", now + TimeSpan.FromSeconds(random.Next(1, 100)));
                    holds.Add(hold);
                    open.Add(hold);
                    break;
                case 2 when open.Count > 0:
                    // Later, or sooner.
                    holds.Renew(open[random.Next(open.Count)], now + TimeSpan.FromSeconds(random.Next(1, 100)));
                    break;
                case 3 when open.Count > 0:
                    holds.Remove(open[^1]);
                    open.RemoveAt(open.Count - 1);
                    break;
            }

            if (random.Next(10) == 0)
            {
                var due = new HashSet<SpendHold>();
                while (holds.NextDue(now) is { } next)
                {
                    Assert.True(due.Add(next), $"seed {seed}: {next.Reservation.Id} came twice");
                    holds.Remove(next);
                }

                Assert.True(due.SetEquals(open.Where(one => one.ExpiresAt <= now.UtcTicks)), $"seed {seed}, step {i}: not those that are due");
                open.RemoveAll(due.Contains);
            }
        }
    }

    [Fact]
    public void Remove_ManyThatNeverCameUp_KeepsTheQueueShort()
    {
        var holds = new SpendHolds();
        for (var i = 0; i < 100_000; i++)
        {
            var hold = Hold($"{i}", Start.AddMinutes(10));
            holds.Add(hold);
            holds.Remove(hold);
        }

        Assert.InRange(holds.Queued, 0, 65);
    }

    private static SpendHold Hold(string id, DateTimeOffset expiresAt) => new(
        new SpendReservation { Id = id, Account = new SpendAccount(), Limits = [], InputTokens = 1, MaxOutputTokens = 1, Lease = TimeSpan.FromSeconds(1) },
        default,
        default,
        expiresAt.UtcTicks);
}

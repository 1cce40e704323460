using AgentHosting.Compliance;
using AgentHosting.Runs;
using AgentHosting.Runs.Internal.InMemory;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace AgentHosting.Core.Tests.Runs;

/// <summary>The clock of the host is set, or goes on after the machine has slept.</summary>
public sealed class InMemoryRunStoreClockTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);
    private readonly SteppedClock _clock = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sweep_ClockWasSetForward_LeavesRunsToTheirWorkers()
    {
        var store = new InMemoryRunStore(Options.Create(new RunStoreOptions()), _clock, NullLogger<InMemoryRunStore>.Instance);
        await store.EnqueueAsync(
            new RunSubmission { Id = store.CreateRunId("ann"), Agent = "a", Message = "Hello", Identity = new AgentIdentity { UserId = "ann" }, ExpireAfter = TimeSpan.FromDays(1) },
            Token);
        var claim = Assert.Single(store.Claim(new RunClaimRequest { WorkerId = "w", MaxRuns = 1, LeaseDuration = Lease, Agents = new Dictionary<string, int> { ["a"] = 1 } }));
        _clock.Wall += TimeSpan.FromMinutes(10);

        Assert.Equal(0, await SweepAsync(store));
        Assert.Equal([RunRenewalOutcome.Held], store.Renew([claim.Lease], Lease));
        _clock.Pass(Lease - TimeSpan.FromSeconds(1));
        Assert.Equal(0, await SweepAsync(store));
        _clock.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(1, await SweepAsync(store));
    }

    private static async Task<int> SweepAsync(InMemoryRunStore store) => (await store.SweepAsync(new RunSweepRequest { MaxCrashes = 5 }, Token)).Recovered;

    private sealed class SteppedClock : TimeProvider
    {
        private long _ticks;

        public DateTimeOffset Wall { get; set; } = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => Wall;

        public override long GetTimestamp() => _ticks;

        public void Pass(TimeSpan time)
        {
            Wall += time;
            _ticks += time.Ticks;
        }
    }
}

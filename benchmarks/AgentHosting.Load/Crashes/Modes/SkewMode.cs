using System.Diagnostics;
using AgentHosting.Load.Crashes.Checks;
using AgentHosting.Load.Crashes.Faults;
using AgentHosting.Load.Crashes.Processes;
using AgentHosting.Load.Crashes.Workers;
using AgentHosting.Runs;

namespace AgentHosting.Load.Crashes.Modes;

/// <summary>A worker an hour ahead, one an hour behind, Redis ten minutes ahead, and its clock is set forward and back. Leases and delays go by Redis' clock, so that nobody loses one.</summary>
internal sealed class SkewMode : CrashMode
{
    private static readonly TimeSpan RedisAhead = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(3);
    private RedisProcess? _redis;
    private string _file = "";

    public override string Name => "skew";

    public override string Summary => "clocks of workers and of Redis are off, and that of Redis is set forward and back";

    public override bool AllWithKeys => true;

    public override string RedisOfDriver => _redis!.Endpoint;

    public override async Task StartAsync(CrashSetup setup, CancellationToken cancellationToken)
    {
        _file = Path.Combine(setup.Folder, "clock");
        await ClockJumps.WriteAsync(_file, RedisAhead, cancellationToken);
        var before = string.Concat(FakeTime.Of(_file).Select(static variable => $"{variable.Key}='{variable.Value}' "));
        _redis = await RedisProcess.StartAsync(setup.Folder, new RedisStart { Before = before }, cancellationToken);
    }

    public override void PrepareWorker(int place, ProcessStartInfo start)
    {
        if (place < 2)
        {
            foreach (var (name, value) in FakeTime.Of(TimeSpan.FromHours(place == 0 ? 1 : -1)))
            {
                start.Environment[name] = value;
            }
        }
    }

    public override TimeSpan DelayOf(int number) => number % 5 == 0 ? Delay : TimeSpan.Zero;

    public override IFaultPlan Plan(CrashSetup setup, WorkerFleet fleet) => new ClockJumps(_redis!, _file, RedisAhead, setup.Faults, setup.Interval, setup.Random);

    public override void Check(CrashSetup setup, IFaultPlan faults, CrashEvidence evidence, CrashReport report)
    {
        LeaseChecks.Check(evidence, report);
        report.Promise("early_delays");
        var delayed = evidence.Submissions.Where(static submission => submission.Request.Delay > TimeSpan.Zero).Select(submission => evidence.Runs.GetValueOrDefault(submission.RunId ?? "")).OfType<AgentRun>().ToArray();
        report.Figures["delayed_runs"] = delayed.Length;
        foreach (var run in delayed.Where(static run => run.StartedAt - run.CreatedAt < Delay))
        {
            report.Break("early_delays", $"{run.Id} started {run.StartedAt - run.CreatedAt} after its acceptance by Redis' clock");
        }
    }

    public override async ValueTask DisposeAsync()
    {
        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }

        await base.DisposeAsync();
    }
}

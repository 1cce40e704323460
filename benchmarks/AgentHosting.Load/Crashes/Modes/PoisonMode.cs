using System.Diagnostics;
using System.Globalization;
using AgentHosting.Agents;
using AgentHosting.Load.Crashes.Checks;
using AgentHosting.Load.Crashes.Faults;
using AgentHosting.Load.Crashes.Load;
using AgentHosting.Load.Crashes.Workers;
using AgentHosting.Runs;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.Load.Crashes.Modes;

/// <summary>Some runs kill their process, each time; the tools of some do not listen when they are cancelled. The others do not suffer from it.</summary>
internal sealed class PoisonMode : CrashMode
{
    private const int MaxCrashes = 5;
    // A store that hears of the cancellation at once, the grace of two seconds for the tool, and a machine that is busy.
    private static readonly TimeSpan LongestCancel = TimeSpan.FromSeconds(10);
    // Logs are written by a thread of their own.
    private static readonly TimeSpan LogDelay = TimeSpan.FromSeconds(10);
    private readonly List<CrashSubmission> _submissions = [];
    private CrashSetup? _setup;
    private string _antidote = "";

    public override string Name => "poison";

    public override string Summary => "runs kill their process or do not listen when they are cancelled";

    public override async Task StartAsync(CrashSetup setup, CancellationToken cancellationToken)
    {
        _setup = setup;
        _antidote = Path.Combine(setup.Folder, "antidote");
        await base.StartAsync(setup, cancellationToken);
    }

    public override void PrepareWorker(int place, ProcessStartInfo start) => start.Environment[PoisonTools.Antidote] = _antidote;

    public override void ConfigureHost(IAgentHostingBuilder builder, bool isWorker) => builder.ConfigureWorker(static worker => worker.MaxCrashes = MaxCrashes);

    public override void ConfigureAgent(AgentBuilder agent) => PoisonTools.AddTo(agent);

    public override IList<CrashSubmission> Submissions(int runs, Random random)
    {
        _submissions.AddRange(base.Submissions(runs, random));
        var faults = _setup!.Faults;
        for (var i = 0; i < faults; i++)
        {
            _submissions.Insert(random.Next(_submissions.Count), Submission(CrashPlan.Die, AgentRunStatus.Failed));
        }

        return _submissions;
    }

    public override IFaultPlan Plan(CrashSetup setup, WorkerFleet fleet) => new Poison(
        fleet, Driver.GetRequiredService<IAgentRunClient>(), Driver.GetRequiredService<IAgentRunAdmin>(), _submissions, Submission, _antidote, setup.Interval, setup.Faults);

    public override void Check(CrashSetup setup, IFaultPlan faults, CrashEvidence evidence, CrashReport report)
    {
        report.Promise("other_errors", "not_redriven", "late_cancels", "unreported_deaf");
        var poison = evidence.Submissions.Where(static submission => submission.End == AgentRunStatus.Failed).Select(submission => evidence.Runs.GetValueOrDefault(submission.RunId ?? "")).OfType<AgentRun>().ToArray();
        foreach (var run in poison.Where(static run => run.Error?.Code != AgentRunErrorCodes.CrashLimit || run.Crashes != MaxCrashes + 1))
        {
            report.Break("other_errors", $"{run.Id} {run.Error?.Code} after {run.Crashes} crashes");
        }

        var plan = (Poison)faults;
        report.Figures["dead_letters"] = poison.Length;
        report.Figures["cancel_max_s"] = plan.CancelSeconds.Count == 0 ? null : Math.Round(plan.CancelSeconds.Max(), 2);
        report.Figures["most_crashes_of_others"] = evidence.Submissions.Where(static submission => submission.End == AgentRunStatus.Succeeded)
            .Select(submission => evidence.Runs.GetValueOrDefault(submission.RunId ?? "")?.Crashes ?? 0).DefaultIfEmpty().Max();
        if (plan.Counts["redriven"] != poison.Length)
        {
            report.Break("not_redriven", $"{plan.Counts["redriven"]} of {poison.Length} dead letters succeeded when they were requeued");
        }

        foreach (var seconds in plan.CancelSeconds.Where(static seconds => seconds > LongestCancel.TotalSeconds))
        {
            report.Break("late_cancels", string.Create(CultureInfo.InvariantCulture, $"{seconds:0.0} s"));
        }

        var deaf = plan.CancelSeconds.Count;
        SpinWait.SpinUntil(() => ToldOfDeaf(setup.Folder) >= deaf, LogDelay);
        var told = ToldOfDeaf(setup.Folder);
        report.Figures["reported_deaf"] = told;
        if (told < deaf)
        {
            report.Break("unreported_deaf", $"{told} of {deaf}");
        }
    }

    private static int ToldOfDeaf(string folder) =>
        Directory.GetFiles(folder, "worker-*.log").Sum(static file => File.ReadLines(file).Count(static line => line.Contains("[1114]", StringComparison.Ordinal)));

    public override long? MostRepeated(CrashSetup setup, IFaultPlan faults) => (long)faults.Faults.Count * setup.Timing.Slots;

    private CrashSubmission Submission(string tool, AgentRunStatus end)
    {
        var number = _submissions.Count;
        var plan = new CrashPlan { Number = number, Rounds = [[tool]] };
        return new CrashSubmission
        {
            Plan = plan,
            Times = 1,
            End = end,
            Request = new AgentRunRequest
            {
                Agent = CrashHost.Agent,
                Message = plan.ToMessage(),
                Identity = new AgentIdentity { UserId = string.Create(CultureInfo.InvariantCulture, $"user-{number % 8}") },
            },
        };
    }
}

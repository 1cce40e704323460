using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using AgentHosting.Load.Crashes.Checks;
using AgentHosting.Load.Crashes.Faults;
using AgentHosting.Load.Crashes.Load;
using AgentHosting.Load.Crashes.Modes;
using AgentHosting.Load.Crashes.Processes;
using AgentHosting.Load.Crashes.Workers;
using AgentHosting.Load.Options;
using AgentHosting.Runs;
using AgentHosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AgentHosting.Load.Crashes;

/// <summary>Runs on a real Redis while their workers, or Redis, are killed, stopped or replaced, with an oracle in another process that records every call.</summary>
internal sealed class CrashScenario : ILoadScenario
{
    // A program that hangs says nothing.
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(10);

    public string Name => "crash";

    public string Summary => "kills workers or Redis under load, and checks that nothing is lost, done twice or mixed up";

    public IReadOnlyList<LoadOption> Options { get; } =
    [
        new("mode", CrashModes.Default, CrashModes.Help),
        new("runs", "150", "runs"),
        new("faults", "8", "faults in all"),
        new("interval-ms", "4000", "milliseconds from one fault to the next, on average"),
        new("workers", "4", "worker processes"),
        new("active", "32", "runs that are not done, at most"),
        new("seed", "0", "the seed of all that is random; 0 for a new one"),
        new("timeout", "180", "seconds that the runs may go on after the last submission"),
        new("model-ms", "400", "milliseconds of the longest model call"),
        new("tool-ms", "200", "milliseconds of the longest tool call"),
        new("keep", "", "a folder for logs and the oracle's file; without it they are removed, unless a promise is broken"),
        .. CrashTiming.Options,
        .. StarveMode.Options,
    ];

    public async Task<bool> RunAsync(LoadOptions options, ResultWriter results, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        void End(PosixSignalContext signal)
        {
            signal.Cancel = true;
            ended.Cancel();
        }

        using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        await using var mode = CrashModes.Of(options.Text("mode"));
        var seed = options.Number("seed") is > 0 and var given ? given : RandomNumber();
        await Console.Error.WriteLineAsync($"crash --mode {mode.Name} --seed {seed}".AsMemory(), cancellationToken);
        var folder = FolderOf(options, mode, seed);
        var report = await RunAsync(options, mode, seed, folder, ended.Token);
        results.Write(report.ToJson());
        if (!report.IsClean)
        {
            await Console.Error.WriteLineAsync($"A promise is broken. Logs and calls are in {folder}".AsMemory(), cancellationToken);
        }
        else if (options.Text("keep").Length == 0)
        {
            Directory.Delete(folder, recursive: true);
        }

        return report.IsClean;
    }

    private static async Task<CrashReport> RunAsync(LoadOptions options, CrashMode mode, int seed, string folder, CancellationToken cancellationToken)
    {
        var setup = new CrashSetup { Options = options, Timing = new CrashTiming(options, mode.LeaseMilliseconds), Folder = folder, Random = new Random(seed) };
        var oracleLog = Path.Combine(folder, "oracle.jsonl");
        await mode.StartAsync(setup, cancellationToken);
        await using var oracle = await ChildProcess.StartAsync(
            Path.Combine(folder, "oracle.log"),
            ["crash-oracle", "--log", oracleLog, "--model-ms", options.Text("model-ms"), "--tool-ms", options.Text("tool-ms"), "--long-lookup-ms", mode.LongLookupMilliseconds.ToString(CultureInfo.InvariantCulture)],
            cancellationToken);
        string[] arguments = ["--mode", mode.Name, "--models", oracle.Words[0], "--tools", oracle.Words[1], .. setup.Timing.Arguments];
        await using var fleet = new WorkerFleet(options.Number("workers"), folder, place => [.. arguments, "--redis", mode.RedisOfWorker(place)], mode.PrepareWorker);
        await fleet.StartAllAsync(cancellationToken);
        using var host = CrashHost.Build(
            mode, mode.RedisOfDriver, setup.Timing, isWorker: false, static () => new ScriptedChatClient(static _ => throw new InvalidOperationException("This process executes no runs.")), static _ => { });
        await host.StartAsync(cancellationToken);

        var watch = Stopwatch.StartNew();
        mode.Driver = host.Services;
        var submissions = mode.Submissions(options.Number("runs"), new Random(seed));
        var faults = mode.Plan(setup, fleet);
        using var load = new CrashLoad(host.Services.GetRequiredService<IAgentRunClient>(), [.. submissions], options.Number("active"), mode.MayLoseCommitted);
        var after = TimeSpan.FromSeconds(options.Number("timeout"));
        await Task.WhenAll(load.RunAsync(faults.Time, after, cancellationToken), faults.RunAsync(cancellationToken)).WaitAsync(faults.Time + after + LongestDelay, TimeProvider.System, cancellationToken);
        var seconds = watch.Elapsed.TotalSeconds;

        var evidence = await EvidenceReader.ReadAsync(host.Services, [.. submissions], oracleLog, faults.Faults, mode.MayLoseCommitted, cancellationToken);
        await host.StopAsync(cancellationToken);
        var report = new CrashReport();
        Describe(report, options, mode, seed, seconds, faults, fleet, load);
        RunChecks.Check(evidence, report);
        TranscriptChecks.Check(evidence, report);
        CallChecks.Check(evidence, report, mode.MostRepeated(setup, faults));
        report.Promise("workers_died");
        for (var died = 0; died < fleet.Died; died++)
        {
            report.Break("workers_died", "a worker ended by itself");
        }

        mode.Check(setup, faults, evidence, report);
        return report;
    }

    private static void Describe(CrashReport report, LoadOptions options, CrashMode mode, int seed, double seconds, IFaultPlan faults, WorkerFleet fleet, CrashLoad load)
    {
        var figures = report.Figures;
        figures["name"] = "crash";
        figures["mode"] = mode.Name;
        figures["seed"] = seed;
        figures["runs"] = options.Number("runs");
        figures["workers"] = fleet.Count;
        figures["worker_processes"] = fleet.Started;
        foreach (var (kind, count) in faults.Counts)
        {
            figures["faults_" + kind] = count;
        }

        figures["submissions_tried_again"] = load.SubmitFailures;
        figures["submissions_refused"] = load.Refused;
        figures["seconds"] = Math.Round(seconds, 1);
    }

    private static string FolderOf(LoadOptions options, CrashMode mode, int seed)
    {
        if (options.Text("keep") is not { Length: > 0 } keep)
        {
            return Directory.CreateTempSubdirectory("ah-crash-").FullName;
        }

        var folder = Path.Combine(keep, string.Create(CultureInfo.InvariantCulture, $"{mode.Name}-{seed}"));
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        return Directory.CreateDirectory(folder).FullName;
    }

    private static int RandomNumber()
    {
        var ticks = Stopwatch.GetTimestamp();
        return (int)(ticks % 1_000_000_000) + 1;
    }
}

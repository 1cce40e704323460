using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using AgentHosting.Load.Crashes.Checks;
using AgentHosting.Load.Crashes.Faults;
using AgentHosting.Load.Crashes.Load;
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
    private const string Kill = "kill";
    private const string Deploy = "deploy";
    private const string Redis = "redis";
    private const int LeaseMilliseconds = 5_000;
    private const int DeployLeaseMilliseconds = 30_000;

    public string Name => "crash";

    public string Summary => "kills workers or Redis under load, and checks that nothing is lost, done twice or mixed up";

    public IReadOnlyList<LoadOption> Options { get; } =
    [
        new("mode", Kill, "kill (workers), deploy (workers are replaced one by one) or redis (Redis is killed, stopped, made to forget)"),
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
        var seed = options.Number("seed") is > 0 and var given ? given : RandomNumber();
        await Console.Error.WriteLineAsync($"crash --mode {options.Text("mode")} --seed {seed}".AsMemory(), cancellationToken);
        var folder = FolderOf(options, seed);
        var report = await RunAsync(options, seed, folder, ended.Token);
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

    private static async Task<CrashReport> RunAsync(LoadOptions options, int seed, string folder, CancellationToken cancellationToken)
    {
        var mode = options.Text("mode");
        var timing = new CrashTiming(options, mode == Deploy ? DeployLeaseMilliseconds : LeaseMilliseconds);
        var oracleLog = Path.Combine(folder, "oracle.jsonl");
        await using var redis = await RedisProcess.StartAsync(folder, cancellationToken);
        await using var oracle = await ChildProcess.StartAsync(
            Path.Combine(folder, "oracle.log"), ["crash-oracle", "--log", oracleLog, "--model-ms", options.Text("model-ms"), "--tool-ms", options.Text("tool-ms")], cancellationToken);
        await using var fleet = new WorkerFleet(
            options.Number("workers"), folder, ["--redis", redis.Endpoint, "--models", oracle.Words[0], "--tools", oracle.Words[1], .. timing.Arguments]);
        await fleet.StartAllAsync(cancellationToken);
        using var host = CrashHost.Build(redis.Endpoint, timing, isWorker: false, static () => new ScriptedChatClient(static _ => throw new InvalidOperationException("This process executes no runs.")), static _ => { });
        await host.StartAsync(cancellationToken);

        var watch = Stopwatch.StartNew();
        var faults = PlanOf(options, mode, fleet, redis, timing, new Random(seed));
        var submissions = CrashLoad.Plan(options.Number("runs"), allWithKeys: mode == Redis, new Random(seed));
        using var load = new CrashLoad(host.Services.GetRequiredService<IAgentRunClient>(), submissions, options.Number("active"));
        await Task.WhenAll(load.RunAsync(faults.Time, TimeSpan.FromSeconds(options.Number("timeout")), cancellationToken), faults.RunAsync(cancellationToken));
        var seconds = watch.Elapsed.TotalSeconds;

        var evidence = await EvidenceReader.ReadAsync(host.Services, submissions, oracleLog, faults.Faults, cancellationToken);
        await host.StopAsync(cancellationToken);
        var report = new CrashReport();
        Describe(report, options, mode, seed, seconds, faults, fleet, load);
        Check(report, evidence, mode, faults, timing, fleet);
        return report;
    }

    private static IFaultPlan PlanOf(LoadOptions options, string mode, WorkerFleet fleet, RedisProcess redis, CrashTiming timing, Random random)
    {
        var faults = options.Number("faults");
        var interval = TimeSpan.FromMilliseconds(options.Number("interval-ms"));
        return mode switch
        {
            Kill => new KillStorm(fleet, faults, interval, timing.Lease, random),
            Deploy => new RollingDeploy(fleet, faults, interval, timing.Drain),
            Redis => new RedisTrouble(redis, faults, interval, timing.Lease, random),
            _ => throw new LoadOptionException($"--mode is '{mode}'. Use {Kill}, {Deploy} or {Redis}."),
        };
    }

    private static void Describe(CrashReport report, LoadOptions options, string mode, int seed, double seconds, IFaultPlan faults, WorkerFleet fleet, CrashLoad load)
    {
        var figures = report.Figures;
        figures["name"] = "crash";
        figures["mode"] = mode;
        figures["seed"] = seed;
        figures["runs"] = options.Number("runs");
        figures["workers"] = fleet.Count;
        figures["worker_processes"] = fleet.Started;
        foreach (var (kind, count) in faults.Counts)
        {
            figures["faults_" + kind] = count;
        }

        figures["submissions_tried_again"] = load.SubmitFailures;
        figures["seconds"] = Math.Round(seconds, 1);
    }

    private static void Check(CrashReport report, CrashEvidence evidence, string mode, IFaultPlan faults, CrashTiming timing, WorkerFleet fleet)
    {
        RunChecks.Check(evidence, report);
        TranscriptChecks.Check(evidence, report);
        CallChecks.Check(evidence, report, mode switch
        {
            Kill => (long)faults.Faults.Count * timing.Slots,
            Deploy => 0,
            _ => null,
        });
        report.Promise("workers_died");
        for (var died = 0; died < fleet.Died; died++)
        {
            report.Break("workers_died", "a worker ended by itself");
        }

        if (mode == Kill)
        {
            RecoveryChecks.Check(evidence, report, timing.Lease + TimeSpan.FromSeconds(5));
        }
        else if (mode == Deploy)
        {
            AttemptChecks.Check(evidence, report);
        }
    }

    private static string FolderOf(LoadOptions options, int seed)
    {
        if (options.Text("keep") is not { Length: > 0 } keep)
        {
            return Directory.CreateTempSubdirectory("ah-crash-").FullName;
        }

        var folder = Path.Combine(keep, string.Create(CultureInfo.InvariantCulture, $"{options.Text("mode")}-{seed}"));
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

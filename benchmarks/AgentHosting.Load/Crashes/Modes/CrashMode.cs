using System.Diagnostics;
using AgentHosting.Agents;
using AgentHosting.Load.Crashes.Checks;
using AgentHosting.Load.Crashes.Faults;
using AgentHosting.Load.Crashes.Load;
using AgentHosting.Load.Crashes.Processes;
using AgentHosting.Load.Crashes.Workers;

namespace AgentHosting.Load.Crashes.Modes;

/// <summary>
/// One kind of trouble: what is started, what is done while the load runs, and what must hold then. A mode is one class in this folder and a line in <see cref="CrashModes"/>.
/// An object lives for one run of the scenario and may keep what it did; workers make one of their own, for <see cref="ConfigureHost"/> and <see cref="ConfigureAgent"/> alone.
/// </summary>
internal abstract class CrashMode : IAsyncDisposable
{
    private RedisProcess? _redis;

    /// <summary>The word on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>What is done, for the help.</summary>
    public abstract string Summary { get; }

    /// <summary>How long a worker's lease is, where <c>--lease-ms</c> does not say.</summary>
    public virtual int LeaseMilliseconds => 5_000;

    /// <summary>Whether each submission has an idempotency key, so that one whose answer is lost can be repeated.</summary>
    public virtual bool AllWithKeys => false;

    /// <summary>Whether what was acknowledged just before a failover may be lost. It is counted, and has to be explained by one.</summary>
    public virtual bool MayLoseCommitted => false;

    /// <summary>How long the tool that only reads takes in one run of four; 0 for as long as other tools.</summary>
    public virtual int LongLookupMilliseconds => 0;

    /// <summary>Where the process that submits and reads finds Redis.</summary>
    public virtual string RedisOfDriver => Redis.Endpoint;

    /// <summary>The server, where there is one.</summary>
    protected RedisProcess Redis => _redis ?? throw new InvalidOperationException("Redis is not started.");

    /// <summary>How the server is started.</summary>
    protected virtual RedisStart Start => new();

    /// <summary>Starts Redis, and whatever stands between it and the workers.</summary>
    public virtual async Task StartAsync(CrashSetup setup, CancellationToken cancellationToken) => _redis = await RedisProcess.StartAsync(setup.Folder, Start, cancellationToken);

    /// <summary>Where the worker at a place finds Redis.</summary>
    public virtual string RedisOfWorker(int place) => RedisOfDriver;

    /// <summary>Changes how the worker at a place is started: its environment, or a program before it.</summary>
    public virtual void PrepareWorker(int place, ProcessStartInfo start)
    {
    }

    /// <summary>Changes the host of the driver and of each worker, in their own process.</summary>
    public virtual void ConfigureHost(IAgentHostingBuilder builder, bool isWorker)
    {
    }

    /// <summary>Changes the agent, in the process of a worker.</summary>
    public virtual void ConfigureAgent(AgentBuilder agent)
    {
    }

    /// <summary>The services of the process that submits and reads, once they are there.</summary>
    public IServiceProvider Driver { protected get; set; } = null!;

    /// <summary>How long after its acceptance the run of a number, which is in no session, may begin.</summary>
    public virtual TimeSpan DelayOf(int number) => TimeSpan.Zero;

    /// <summary>What is submitted. A mode may add to it later; what it adds it submits itself.</summary>
    public virtual IList<CrashSubmission> Submissions(int runs, Random random) => CrashLoad.Plan(runs, AllWithKeys, DelayOf, random);

    /// <summary>What is done while the load runs.</summary>
    public abstract IFaultPlan Plan(CrashSetup setup, WorkerFleet fleet);

    /// <summary>Adds what the mode itself promises to the report, after the checks that every mode has.</summary>
    public virtual void Check(CrashSetup setup, IFaultPlan faults, CrashEvidence evidence, CrashReport report)
    {
    }

    /// <summary>How many calls may be made again at most; <see langword="null"/> where nothing bounds them.</summary>
    public virtual long? MostRepeated(CrashSetup setup, IFaultPlan faults) => null;

    public virtual async ValueTask DisposeAsync()
    {
        if (_redis is { } redis)
        {
            await redis.DisposeAsync();
        }
    }
}

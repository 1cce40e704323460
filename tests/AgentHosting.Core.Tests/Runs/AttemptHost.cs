using AgentHosting.Compliance;
using AgentHosting.Agents;
using AgentHosting.Runs;
using AgentHosting.Runs.Internal;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests.Runs;

/// <summary>A host whose runs are claimed and executed by the test, attempt by attempt, so that a worker can be lost at any write.</summary>
internal sealed class AttemptHost : IAsyncDisposable
{
    public const string Agent = "a";
    private readonly TestHost _host;

    private AttemptHost(TestHost host, FakeTimeProvider time)
    {
        _host = host;
        Time = time;
    }

    public FakeTimeProvider Time { get; }

    public IRunStore Store => _host.Store;

    public IAgentRunClient Client => _host.Client;

    public IServiceProvider Services => _host.Services;

    public IAgentRegistry Agents => Services.GetRequiredService<IAgentRegistry>();

    /// <param name="configure">Models, and the agent <see cref="Agent"/>.</param>
    /// <param name="beside">A host of another version of the program, whose store and clock this one shares.</param>
    public static async Task<AttemptHost> StartAsync(Action<IAgentHostingBuilder> configure, AttemptHost? beside = null)
    {
        var time = beside?.Time ?? new FakeTimeProvider();
        var host = await TestHost.StartAsync(hosting =>
        {
            hosting.Services.AddSingleton<TimeProvider>(time);
            if (beside is not null)
            {
                hosting.Services.AddSingleton(beside.Store);
            }

            hosting.ConfigureWorker(static options => options.Enabled = false);
            configure(hosting);
        });
        return new AttemptHost(host, time);
    }

    public async Task<string> SubmitAsync(string message = "Go", string? session = null) =>
        (await Client.SubmitAsync(new AgentRunRequest { Message = message, SessionId = session }, TestContext.Current.CancellationToken)).RunId;

    public async Task<AgentRun> GetAsync(string runId) => (await Store.GetAsync(runId, TestContext.Current.CancellationToken))!;

    public async Task<ClaimedRun> ClaimAsync() => Assert.Single(await Store.ClaimAsync(
        new RunClaimRequest
        {
            WorkerId = "w",
            MaxRuns = 1,
            Agents = new Dictionary<string, int> { [Agent] = 1 },
            LeaseDuration = TimeSpan.FromSeconds(30),
            JournalVersion = JournalFormat.Version,
        },
        TestContext.Current.CancellationToken));

    /// <summary>Executes one attempt to its end.</summary>
    public async Task ExecuteAsync(ClaimedRun claim, IRunStore? store = null, Action<RunAttempt>? first = null)
    {
        using var attempt = new RunAttempt(claim, Agents.Find(Agent)!);
        first?.Invoke(attempt);
        await ExecuteAsync(attempt, store);
    }

    /// <summary>Executes an attempt that the test stops.</summary>
    public Task ExecuteAsync(RunAttempt attempt, IRunStore? store = null) => ActivatorUtilities.CreateInstance<RunExecutor>(Services, store ?? Store).ExecuteAsync(attempt);

    /// <summary>Executes attempts, and approves what is asked, until the run has ended or its worker is lost after a write.</summary>
    /// <returns>How often it wrote.</returns>
    public async Task<int> ExecuteUntilLostAsync(string runId, int lastWrite = int.MaxValue, Action<StoreOfALostWorker>? began = null)
    {
        var proxy = StoreOfALostWorker.Create(Store, lastWrite);
        var store = (StoreOfALostWorker)(object)proxy;
        began?.Invoke(store);
        while (await GetAsync(runId) is { CompletedAt: null } run)
        {
            if (run.Status == AgentRunStatus.Waiting)
            {
                await ApproveAsync(run);
                continue;
            }

            var attempt = ExecuteAsync(await ClaimAsync(), proxy);
            if (await Task.WhenAny(attempt, store.Lost).WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System) != attempt || store.Lost.IsCompleted)
            {
                await LoseLeaseAsync();
                store.Wake();
                // It comes to itself and does nothing more, neither call a model nor a tool: who counts them sees it.
                await Assert.ThrowsAsync<IOException>(() => attempt);
                break;
            }

            await attempt;
        }

        return store.Writes;
    }

    /// <summary>Executes a run to its end.</summary>
    public async Task<AgentRun> FinishAsync(string runId)
    {
        await ExecuteUntilLostAsync(runId);
        return await GetAsync(runId);
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private async Task LoseLeaseAsync()
    {
        Time.Advance(TimeSpan.FromSeconds(31));
        await Store.SweepAsync(new RunSweepRequest { MaxCrashes = 5 }, TestContext.Current.CancellationToken);
    }

    private async Task ApproveAsync(AgentRun run)
    {
        foreach (var wait in run.Waits)
        {
            await Client.AnswerApprovalAsync(run.Id, wait.RequestId, new AgentRunApproval { Approved = true }, TestContext.Current.CancellationToken);
        }
    }
}

using AgentHosting.CircuitBreakers;
using AgentHosting.Runs;
using AgentHosting.ToolValidation;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.Core.Tests.Runs;

/// <summary>A tool with effects that was begun by a worker that was lost does not run again, whatever the rules say by then.</summary>
public sealed class RunInterruptedToolTests
{
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _transfers;
    private ToolDecision _decision = ToolDecision.Run;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("run")]
    [InlineData("ask")]
    [InlineData("deny")]
    public async Task Run_ToolWasBegunAndTheRulesChanged_DoesNotRunAgainAndModelIsToldTheTruth(string decision)
    {
        using var provider = new ProviderChatClient(
            streams: false,
            new ChatResponse(new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("c0", "transfer", new Dictionary<string, object?>())])),
            new ChatResponse(new ChatMessage(ChatRole.Assistant, "Done.")));
        await using var host = await AttemptHost.StartAsync(hosting => hosting
            .AddToolValidation(options => options.AddPolicy(new Policy(() => _decision)))
            .AddModel("mini", _ => provider)
            .AddAgent(AttemptHost.Agent, agent => agent.WithTool(AIFunctionFactory.Create(TransferAsync, "transfer"), ToolRisk.Medium)));
        var runId = await host.SubmitAsync();
        await BeginAndLoseAsync(host);
        _decision = decision switch { "ask" => ToolDecision.Ask("By now a person must say so."), "deny" => ToolDecision.Deny("By now nobody may."), _ => ToolDecision.Run };
        var run = await host.FinishAsync(runId);

        Assert.Equal((AgentRunStatus.Succeeded, 1), (run.Status, _transfers));
        Assert.Contains("Whether it took effect is not known", provider.Requests[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_BegunToolIsGoneForAnAttemptThatWaits_DoesNotRunAgain()
    {
        using var provider = new ProviderChatClient(
            streams: false,
            new ChatResponse(new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("c0", "transfer", new Dictionary<string, object?>()), new FunctionCallContent("c1", "ask", new Dictionary<string, object?>())])),
            new ChatResponse(new ChatMessage(ChatRole.Assistant, "Done.")));
        var transfer = AIFunctionFactory.Create(TransferAsync, "transfer");
        void Agent(AgentHosting.Agents.AgentBuilder agent) => agent.WithTool(AIFunctionFactory.Create(static () => "asked", "ask"), ToolRisk.High);
        await using var host = await AttemptHost.StartAsync(hosting => hosting.AddModel("mini", _ => provider).AddAgent(AttemptHost.Agent, agent => Agent(agent.WithTool(transfer, ToolRisk.Medium))));
        await using var without = await AttemptHost.StartAsync(hosting => hosting.AddModel("mini", _ => provider).AddAgent(AttemptHost.Agent, Agent), host);
        var runId = await host.SubmitAsync();
        await BeginAndLoseAsync(host);
        // The tool's server cannot be reached, say.
        await without.ExecuteAsync(await without.ClaimAsync());
        Assert.Equal(AgentRunStatus.Waiting, (await host.GetAsync(runId)).Status);
        var run = await host.FinishAsync(runId);

        Assert.Equal((AgentRunStatus.Succeeded, 1), (run.Status, _transfers));
    }

    [Fact]
    public async Task Run_WorkerIsLostWhileTheCallWaitsForItsCircuit_ToolIsCalledOnce()
    {
        using var provider = new ProviderChatClient(
            streams: false,
            new ChatResponse(new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("c0", "transfer", new Dictionary<string, object?>())])),
            new ChatResponse(new ChatMessage(ChatRole.Assistant, "Done.")));
        var circuits = new SlowCircuitStore(_begun);
        await using var host = await AttemptHost.StartAsync(hosting =>
        {
            hosting.Services.AddSingleton<ICircuitBreakerStore>(circuits);
            hosting.AddModel("mini", _ => provider).AddAgent(AttemptHost.Agent, agent => agent.WithTool(AIFunctionFactory.Create(() => Interlocked.Increment(ref _transfers), "transfer"), ToolRisk.Medium));
        });
        var runId = await host.SubmitAsync();
        await BeginAndLoseAsync(host);
        Assert.Equal(0, _transfers);
        circuits.IsSlow = false;
        var run = await host.FinishAsync(runId);

        // Nothing had been begun: that the outcome is not known would not be true.
        Assert.Equal((AgentRunStatus.Succeeded, 1), (run.Status, _transfers));
        Assert.DoesNotContain("is not known", provider.Requests[^1], StringComparison.Ordinal);
    }

    private async Task<int> TransferAsync(CancellationToken token)
    {
        Interlocked.Increment(ref _transfers);
        _begun.TrySetResult();
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
        return 1;
    }

    /// <summary>The first attempt is in the middle of the tool when its worker is lost.</summary>
    private async Task BeginAndLoseAsync(AttemptHost host)
    {
        using var attempt = new AgentHosting.Runs.Internal.RunAttempt(await host.ClaimAsync(), host.Agents.Find(AttemptHost.Agent)!);
        var execution = host.ExecuteAsync(attempt);
        await _begun.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token);
        host.Time.Advance(TimeSpan.FromSeconds(31));
        await host.Store.SweepAsync(new RunSweepRequest { MaxCrashes = 5 }, Token);
        attempt.Stop(AgentHosting.Runs.Internal.RunStopReason.LeaseLost);
        await execution.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token);
    }

    private sealed class Policy(Func<ToolDecision> decide) : IToolPolicy
    {
        public ValueTask<ToolDecision> DecideAsync(ToolPolicyContext context, CancellationToken cancellationToken) => ValueTask.FromResult(decide());
    }

    /// <summary>Has an answer for nobody, as a server that is gone.</summary>
    private sealed class SlowCircuitStore(TaskCompletionSource asked) : ICircuitBreakerStore
    {
        public bool IsSlow { get; set; } = true;

        public async ValueTask<CircuitDecision> TryAcquireAsync(string key, CircuitSettings settings, CancellationToken cancellationToken)
        {
            asked.TrySetResult();
            await Task.Delay(IsSlow ? Timeout.InfiniteTimeSpan : TimeSpan.Zero, TimeProvider.System, cancellationToken);
            throw new IOException("The store is gone.");
        }

        public ValueTask<CircuitReportResult> ReportAsync(CircuitPermit permit, CircuitSettings settings, CircuitOutcome outcome, TimeSpan pauseFor, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask<CircuitStatus> GetAsync(string key, CircuitSettings settings, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}

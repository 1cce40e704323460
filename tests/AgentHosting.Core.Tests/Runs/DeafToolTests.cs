using System.Diagnostics.Metrics;
using AgentHosting.Diagnostics;
using AgentHosting.Runs;
using AgentHosting.Runs.Internal;
using AgentHosting.ToolValidation;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace AgentHosting.Core.Tests.Runs;

/// <summary>A tool with effects that does not listen to its token: whatever ends its attempt, the attempt ends, and what the tool comes to later changes nothing.</summary>
public sealed class DeafToolTests
{
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new();
    private int _transfers;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(nameof(RunStopReason.Cancelled), AgentRunStatus.Cancelled)]
    [InlineData(nameof(RunStopReason.Expired), AgentRunStatus.Expired)]
    [InlineData(nameof(RunStopReason.LeaseLost), AgentRunStatus.Succeeded)]
    public async Task Stop_ToolIgnoresItsToken_AttemptEndsWithoutIt(string reason, AgentRunStatus end)
    {
        using var provider = new ProviderChatClient(
            streams: false,
            new ChatResponse(new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("c0", "transfer", new Dictionary<string, object?>())])),
            new ChatResponse(new ChatMessage(ChatRole.Assistant, "Done.")));
        await using var host = await AttemptHost.StartAsync(hosting => hosting
            .AddModel("mini", _ => provider)
            .AddAgent(AttemptHost.Agent, agent => agent.WithTool(AIFunctionFactory.Create(TransferAsync, "transfer"), ToolRisk.Medium)));
        using var abandoned = new MetricCollector<long>(host.Services.GetRequiredService<IMeterFactory>(), AgentHostingDiagnostics.MeterName, "agenthosting.tool.abandoned");
        var runId = await host.SubmitAsync();
        using (var attempt = new RunAttempt(await host.ClaimAsync(), host.Agents.Find(AttemptHost.Agent)!))
        {
            var execution = host.ExecuteAsync(attempt);
            await _begun.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token);
            if (reason == nameof(RunStopReason.LeaseLost))
            {
                host.Time.Advance(TimeSpan.FromSeconds(31));
                await host.Store.SweepAsync(new RunSweepRequest { MaxCrashes = 5 }, Token);
            }

            attempt.Stop(Enum.Parse<RunStopReason>(reason));
            await EndAsync(host, execution);
        }

        Assert.Equal(1, abandoned.LastMeasurement?.Value);
        var run = end == AgentRunStatus.Succeeded ? await host.FinishAsync(runId) : await host.GetAsync(runId);
        Assert.Equal((end, 1), (run.Status, _transfers));

        _release.SetResult();
        await _ended.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token);
        var after = await host.GetAsync(runId);
        Assert.Equal((run.Status, run.Result, run.CompletedAt, run.Steps.Count), (after.Status, after.Result, after.CompletedAt, after.Steps.Count));
    }

    private async Task<int> TransferAsync()
    {
        Interlocked.Increment(ref _transfers);
        _begun.TrySetResult();
        await _release.Task;
        _ended.SetResult();
        return 1;
    }

    /// <summary>A cancelled call has a moment to clean up, by the clock of the host.</summary>
    private static async Task EndAsync(AttemptHost host, Task execution)
    {
        var limit = TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(30);
        for (var step = 0; !execution.IsCompleted; step++)
        {
            Assert.True(TimeProvider.System.GetUtcNow() < limit, "The attempt does not end.");
            host.Time.Advance(TimeSpan.FromMilliseconds(500));
            // After the moment only slowly: the execution may be late, and its lease must not end meanwhile.
            await Task.Delay(step < 10 ? TimeSpan.FromMilliseconds(5) : TimeSpan.FromSeconds(1), TimeProvider.System, Token);
        }

        await execution;
    }
}

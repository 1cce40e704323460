using System.Text.Json;
using AgentHosting.Runs;

namespace AgentHosting.AspNetCore.Tests;

/// <summary>Answers everything with one exception.</summary>
internal sealed class FailingRunClient(Exception exception) : IAgentRunClient
{
    public ValueTask<AgentRunSubmission> SubmitAsync(AgentRunRequest request, CancellationToken cancellationToken = default) => throw exception;

    public ValueTask<AgentRun?> GetAsync(string runId, CancellationToken cancellationToken = default) => throw exception;

    public IAsyncEnumerable<AgentRunEvent> WatchAsync(string runId, long after = 0, CancellationToken cancellationToken = default) => throw exception;

    public ValueTask<AgentRun?> WaitAsync(string runId, CancellationToken cancellationToken = default) => throw exception;

    public ValueTask<RunAnswerOutcome> AnswerApprovalAsync(string runId, string requestId, AgentRunApproval approval, CancellationToken cancellationToken = default) => throw exception;

    public ValueTask<RunAnswerOutcome> RaiseEventAsync(string runId, string name, JsonElement? payload = null, string? id = null, CancellationToken cancellationToken = default) => throw exception;

    public ValueTask<RunCancelOutcome> CancelAsync(string runId, CancellationToken cancellationToken = default) => throw exception;
}

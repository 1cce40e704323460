using System.Text;
using Microsoft.Extensions.AI;

namespace AgentHosting.Runs.Internal;

/// <summary>Makes updates of a run's events: its text and reasoning, each step a message of its own. Tool calls are the run's own affair.</summary>
/// <param name="runId">The run.</param>
/// <param name="agent">The agent's name, if the caller gave one.</param>
/// <param name="after">Up to which event an earlier reader was told.</param>
internal sealed class AgentRunUpdateWriter(string runId, string? agent, long after)
{
    private readonly StringBuilder _text = new();
    private readonly Dictionary<string, int> _restarts = new(StringComparer.Ordinal);
    private string? _step;

    public IEnumerable<ChatResponseUpdate> Write(AgentRunEvent runEvent)
    {
        switch (runEvent.Type)
        {
            case AgentRunEventTypes.TextDelta:
                Enter(runEvent.Step);
                _text.Append(runEvent.Text);
                yield return Update(new TextContent(runEvent.Text), runEvent.At);
                break;
            case AgentRunEventTypes.ReasoningDelta:
                Enter(runEvent.Step);
                yield return Update(new TextReasoningContent(runEvent.Text), runEvent.At);
                break;
            case AgentRunEventTypes.StepRestarted when runEvent.Step is { } step:
                Restart(step);
                break;
            case AgentRunEventTypes.Snapshot when !string.IsNullOrEmpty(runEvent.Text):
                Enter(runEvent.Step);
                if (!IsMoreOf(_text, runEvent.Text))
                {
                    // What a reader that goes on was told of it is not known here.
                    Restart(after > 0 || _text.Length > 0 ? runEvent.Step : null);
                }

                if (runEvent.Text[_text.Length..] is { Length: > 0 } untold)
                {
                    _text.Append(untold);
                    yield return Update(new TextContent(untold), runEvent.At);
                }

                break;
            default:
                break;
        }
    }

    /// <summary>What the end has to say: the result, where it is not what was told last, and the usage.</summary>
    public IEnumerable<ChatResponseUpdate> End(AgentRun run)
    {
        if (!string.IsNullOrEmpty(run.Result) && !_text.Equals(run.Result.AsSpan()))
        {
            _step = null;
            yield return Update(new TextContent(run.Result), run.CompletedAt);
        }

        var last = Update(new UsageContent(UsageOf(run.Usage)), run.CompletedAt);
        last.ConversationId = run.SessionId;
        last.FinishReason = ChatFinishReason.Stop;
        yield return last;
    }

    public static UsageDetails UsageOf(AgentRunUsage usage) => new()
    {
        InputTokenCount = usage.InputTokens,
        OutputTokenCount = usage.OutputTokens,
        CachedInputTokenCount = usage.CachedInputTokens,
        ReasoningTokenCount = usage.ReasoningTokens,
        TotalTokenCount = usage.TotalTokens,
    };

    private void Enter(string? step)
    {
        if (step != _step)
        {
            _step = step;
            _text.Clear();
        }
    }

    private static bool IsMoreOf(StringBuilder told, string text) => told.Length > 0 && text.StartsWith(told.ToString(), StringComparison.Ordinal);

    private void Restart(string? step)
    {
        _text.Clear();
        if (step is not null)
        {
            _restarts[step] = _restarts.GetValueOrDefault(step) + 1;
        }
    }

    private ChatResponseUpdate Update(AIContent content, DateTimeOffset? at) => new(ChatRole.Assistant, [content])
    {
        ResponseId = runId,
        MessageId = _step is null ? $"{runId}/result" : $"{runId}/{_step}{(_restarts.GetValueOrDefault(_step) is > 0 and var restarts ? $"/{restarts}" : "")}",
        ModelId = agent,
        CreatedAt = at,
    };
}

using System.Text;
using AgentHosting.Transcripts;
using Microsoft.Extensions.AI;

namespace AgentHosting.Runs.Internal;

/// <summary>
/// Collects what a run says and does as its steps are committed, so that the session tells the truth however the run ends:
/// what a tool did is in it even when the answer never came.
/// </summary>
internal sealed class RunTranscript
{
    /// <summary>Marks, in <c>AdditionalProperties</c>, an answer that was cut off.</summary>
    public const string InterruptedProperty = AgentConversation.InterruptedProperty;

    private readonly Lock _lock = new();
    private readonly List<(string Key, ReadOnlyMemory<byte> Payload)> _modelSteps = [];
    private readonly Dictionary<string, ReadOnlyMemory<byte>> _toolSteps = new(StringComparer.Ordinal);
    private readonly StringBuilder _partialText = new();
    private string? _answer;

    /// <summary>The messages of a turn of a session, also of one that no attempt wrote.</summary>
    public static IReadOnlyList<ChatMessage> MessagesOf(SessionTurn turn)
    {
        if (turn.Message is null)
        {
            return JournalFormat.ReadMessages(turn.Messages);
        }

        var transcript = new RunTranscript();
        foreach (var step in turn.Journal)
        {
            if (IsOfConversation(step))
            {
                transcript.AddModelStep(step.Key, step.Payload);
            }
            else if (step.Kind == RunStepKind.Tool)
            {
                transcript.AddToolStep(step.Key, step.Payload);
            }
        }

        foreach (var key in turn.Unanswered)
        {
            transcript.AddToolStep(RunApprovals.ToolStepOf(key), RunApprovals.UnansweredOf(key));
        }

        transcript.AddPartialText(turn.PartialText ?? "");
        return transcript.ToMessages(turn.Message);
    }

    /// <summary>Whether what a model says in a step is part of the conversation. What code asks of a model is not.</summary>
    public static bool IsOfConversation(string key) => char.IsAsciiDigit(key[0]) && !key.Contains('/', StringComparison.Ordinal);

    /// <summary>The conversation before the run, with the run's message at its end.</summary>
    public static IReadOnlyList<ChatMessage> Before(RunAttempt attempt)
    {
        var messages = new List<ChatMessage>();
        foreach (var turn in attempt.Claim.Session?.Turns ?? [])
        {
            messages.AddRange(MessagesOf(turn));
        }

        messages.Add(new ChatMessage(ChatRole.User, attempt.Run.Message));
        // What was stored is whole; what another program stored in the session may not be.
        return TranscriptRepair.Repair(messages);
    }

    public void AddModelStep(string key, ReadOnlyMemory<byte> payload)
    {
        lock (_lock)
        {
            _modelSteps.Add((key, payload));
            _partialText.Clear();
        }
    }

    public void AddToolStep(string key, ReadOnlyMemory<byte> payload)
    {
        lock (_lock)
        {
            _toolSteps[key] = payload;
        }
    }

    /// <summary>Adds what the journal holds beyond what was replayed: an attempt that ends early must not forget what earlier ones did.</summary>
    /// <param name="claim">The claim of the attempt.</param>
    /// <param name="isBegun">Whether a step was begun, by the attempt or an earlier one. Of a call whose approval came meanwhile it must not be said that it was not made.</param>
    public void AddUnreplayed(ClaimedRun claim, Func<string, bool> isBegun)
    {
        lock (_lock)
        {
            var replayed = _modelSteps.Select(static step => step.Key).ToHashSet(StringComparer.Ordinal);
            foreach (var step in claim.Journal)
            {
                if (IsOfConversation(step) && replayed.Add(step.Key))
                {
                    _modelSteps.Add((step.Key, step.Payload));
                }
                else if (step.Kind == RunStepKind.Tool)
                {
                    _toolSteps[step.Key] = step.Payload;
                }
            }

            foreach (var wait in claim.Run.Waits.Where(static wait => wait.Kind == RunStepKind.Approval))
            {
                var (step, unanswered) = (RunApprovals.ToolStepOf(wait.Key), RunApprovals.UnansweredOf(wait.Key));
                // Of a call that was begun only the question whether to repeat it says the truth.
                if (unanswered != RunApprovals.NotMade || !isBegun(step))
                {
                    _toolSteps.TryAdd(step, unanswered);
                }
            }
        }
    }

    public void AddPartialText(string text)
    {
        lock (_lock)
        {
            _partialText.Append(text);
        }
    }

    /// <summary>The answer is given anew.</summary>
    public void DropPartialText()
    {
        lock (_lock)
        {
            _partialText.Clear();
        }
    }

    /// <summary>The answer of an agent that is code.</summary>
    public void AddAnswer(string text)
    {
        lock (_lock)
        {
            _answer = text;
        }
    }

    /// <summary>The user's message and all that followed, each call with a result.</summary>
    public IReadOnlyList<ChatMessage> ToMessages(string userMessage)
    {
        lock (_lock)
        {
            var messages = new List<ChatMessage> { new(ChatRole.User, userMessage) };
            foreach (var (key, payload) in _modelSteps)
            {
                var response = JournalFormat.ReadResponse(payload);
                messages.AddRange(response.Messages);
                AddResults(messages, key, response);
            }

            if (_partialText.Length > 0)
            {
                messages.Add(new ChatMessage(ChatRole.Assistant, _partialText.ToString())
                {
                    AdditionalProperties = new AdditionalPropertiesDictionary { [InterruptedProperty] = true },
                });
            }

            if (_answer is not null)
            {
                messages.Add(new ChatMessage(ChatRole.Assistant, _answer));
            }

            return TranscriptRepair.Repair(messages);
        }
    }

    private static bool IsOfConversation(RunStep step) => step.Kind == RunStepKind.Model && IsOfConversation(step.Key);

    private void AddResults(List<ChatMessage> messages, string key, ChatResponse response)
    {
        var results = new List<AIContent>();
        foreach (var (position, call) in JournalFormat.CallsOf(response).Index())
        {
            if (_toolSteps.TryGetValue($"{key}.{position}", out var payload))
            {
                results.Add(new FunctionResultContent(call.CallId, JournalFormat.ReadToolResult(payload)));
            }
        }

        if (results.Count > 0)
        {
            messages.Add(new ChatMessage(ChatRole.Tool, results));
        }
    }
}

using System.Text;

namespace AgentHosting.Runs.Internal.InMemory;

/// <summary>The events of a run, numbered from 1. Beyond the limit the oldest are folded into a snapshot.</summary>
internal sealed class RunEventLog(int maxEvents)
{
    // The first ones are gone already; they are moved out in large pieces. A reader at the end must not walk the whole log.
    private readonly List<AgentRunEvent?> _events = [];
    private int _first;
    private StringBuilder? _foldedText;
    private string? _foldedStep;
    private long _folded;
    private DateTimeOffset _foldedAt;

    public long LastSequence => _folded + _events.Count - _first;

    public void Add(AgentRunEvent runEvent, DateTimeOffset now)
    {
        if (_events.Count - _first >= maxEvents)
        {
            FoldFirst();
        }

        _events.Add(runEvent.Numbered(LastSequence + 1, now));
    }

    public List<AgentRunEvent> After(long after, int limit, string runId, AgentRunStatus status)
    {
        var page = new List<AgentRunEvent>();
        if (after < _folded && limit > 0)
        {
            page.Add(new AgentRunEvent
            {
                Sequence = _folded,
                At = _foldedAt,
                Type = AgentRunEventTypes.Snapshot,
                RunId = runId,
                Status = status,
                Step = _foldedStep,
                Text = _foldedText?.ToString(),
            });
            after = _folded;
        }

        for (var i = Math.Min(after - _folded, _events.Count) + _first; i < _events.Count && page.Count < limit; i++)
        {
            page.Add(_events[(int)i]!);
        }

        return page;
    }

    /// <summary>The text of the steps that were begun and are not done, without that which a later attempt dropped.</summary>
    public string? UnfinishedText(Func<string, bool> isDone)
    {
        var texts = new OrderedDictionary<string, StringBuilder>(StringComparer.Ordinal);
        if (_foldedStep is not null && _foldedText is not null)
        {
            texts.Add(_foldedStep, new StringBuilder().Append(_foldedText));
        }

        for (var i = _first; i < _events.Count; i++)
        {
            if (_events[i] is not { Step: { } step } runEvent || isDone(step))
            {
                continue;
            }

            if (runEvent.Type is AgentRunEventTypes.StepStarted or AgentRunEventTypes.StepRestarted)
            {
                texts.Remove(step);
            }
            else if (runEvent.Type == AgentRunEventTypes.TextDelta)
            {
                if (!texts.TryGetValue(step, out var text))
                {
                    texts.Add(step, text = new StringBuilder());
                }

                text.Append(runEvent.Text);
            }
        }

        var unfinished = string.Concat(texts.Where(entry => !isDone(entry.Key)).Select(static entry => entry.Value.ToString()));
        return unfinished.Length == 0 ? null : unfinished;
    }

    private void FoldFirst()
    {
        Fold(_events[_first]!);
        _events[_first++] = null;
        if (_first >= maxEvents)
        {
            _events.RemoveRange(0, _first);
            _first = 0;
        }
    }

    private void Fold(AgentRunEvent runEvent)
    {
        _folded = runEvent.Sequence;
        _foldedAt = runEvent.At;
        switch (runEvent.Type)
        {
            case AgentRunEventTypes.StepStarted or AgentRunEventTypes.StepRestarted:
                _foldedStep = runEvent.Step;
                _foldedText = null;
                break;
            case AgentRunEventTypes.TextDelta:
                if (_foldedStep != runEvent.Step)
                {
                    _foldedText = null;
                    _foldedStep = runEvent.Step;
                }

                (_foldedText ??= new StringBuilder()).Append(runEvent.Text);
                break;
            default:
                break;
        }
    }
}

using System.Text;

namespace AgentHosting.Runs.Internal.InMemory;

/// <summary>The events of a run, numbered from 1. Beyond the limit the oldest are folded into a snapshot.</summary>
internal sealed class RunEventLog(int maxEvents)
{
    private readonly Queue<AgentRunEvent> _events = new();
    private StringBuilder? _foldedText;
    private string? _foldedStep;
    private long _folded;
    private DateTimeOffset _foldedAt;

    public long LastSequence => _folded + _events.Count;

    public void Add(AgentRunEvent runEvent, DateTimeOffset now)
    {
        if (_events.Count >= maxEvents)
        {
            Fold(_events.Dequeue());
        }

        _events.Enqueue(runEvent.Numbered(LastSequence + 1, now));
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

        foreach (var runEvent in _events.Skip((int)Math.Min(Math.Max(0, after - _folded), int.MaxValue)).Take(limit - page.Count))
        {
            page.Add(runEvent);
        }

        return page;
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

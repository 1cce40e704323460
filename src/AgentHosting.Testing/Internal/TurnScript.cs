namespace AgentHosting.Testing.Internal;

/// <summary>A list of turns, or a function of the request.</summary>
internal sealed class TurnScript
{
    private readonly ScriptedTurn[] _turns = [];
    private readonly Func<ScriptedRequest, ScriptedTurn>? _rule;

    public TurnScript(ScriptedTurn[] turns)
    {
        ArgumentNullException.ThrowIfNull(turns);
        if (turns.Length == 0 || turns.Contains(null))
        {
            throw new ArgumentException("A script needs at least one turn, and none may be null.", nameof(turns));
        }

        _turns = [.. turns];
    }

    public TurnScript(Func<ScriptedRequest, ScriptedTurn> rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        _rule = rule;
    }

    public ScriptedTurn Next(ScriptedRequest request, bool repeat)
    {
        var call = request.CallIndex;
        if (_rule is not null)
        {
            return _rule(request)
                ?? throw new InvalidOperationException($"The script returned null for call {call + 1}. Return a ScriptedTurn for every request.");
        }

        if (call >= _turns.Length && !repeat)
        {
            throw new ScriptExhaustedException(_turns.Length, call + 1);
        }

        return _turns[call % _turns.Length];
    }
}

namespace AgentHosting.ToolValidation.Internal;

/// <summary>How many calls a run, or a request, has made of each tool.</summary>
internal sealed class ToolCallCounts(int? maxCalls)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _calls = new(StringComparer.Ordinal);
    private int _all;

    /// <summary>Counts a call.</summary>
    /// <returns>The limit that is in its way, or <see langword="null"/>.</returns>
    public int? Add(string tool, int? maxCallsOfTool)
    {
        lock (_lock)
        {
            var calls = _calls.GetValueOrDefault(tool) + 1;
            _calls[tool] = calls;
            _all++;
            return calls > maxCallsOfTool ? maxCallsOfTool : _all > maxCalls ? maxCalls : null;
        }
    }
}

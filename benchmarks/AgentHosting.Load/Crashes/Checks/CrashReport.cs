using System.Text.Json.Nodes;

namespace AgentHosting.Load.Crashes.Checks;

/// <summary>Figures, and the promises that were broken, each with the run.</summary>
internal sealed class CrashReport
{
    private const int MostShown = 20;
    private readonly Dictionary<string, int> _broken = [];
    private readonly List<string> _details = [];
    private readonly List<string> _notes = [];

    public JsonObject Figures { get; } = [];

    public bool IsClean => _broken.Values.All(static count => count == 0);

    /// <summary>Promises that are checked, so that each is in the result, also at 0.</summary>
    public void Promise(params ReadOnlySpan<string> promises)
    {
        foreach (var promise in promises)
        {
            _broken.TryAdd(promise, 0);
        }
    }

    /// <summary>Adds to a figure.</summary>
    public void Count(string figure, int number = 1) => Figures[figure] = (Figures[figure]?.GetValue<int>() ?? 0) + number;

    /// <summary>Says something that breaks no promise.</summary>
    public void Note(string detail) => _notes.Add(detail);

    public void Break(string promise, string detail)
    {
        _broken[promise] = _broken.GetValueOrDefault(promise) + 1;
        _details.Add($"{promise}: {detail}");
    }

    public JsonObject ToJson()
    {
        var result = (JsonObject)Figures.DeepClone();
        foreach (var (promise, count) in _broken)
        {
            result[promise] = count;
        }

        if (_notes.Count > 0)
        {
            result["explained"] = new JsonArray([.. _notes.Select(static note => (JsonNode)note)]);
        }

        result["broken"] = new JsonArray([.. _details.Take(MostShown).Select(static detail => (JsonNode)detail)]);
        return result;
    }
}

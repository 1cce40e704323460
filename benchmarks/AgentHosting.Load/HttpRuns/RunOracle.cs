using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace AgentHosting.Load.HttpRuns;

/// <summary>Counts what went in and what came out. Each question is a sum of its own, so that a swapped answer is seen.</summary>
internal sealed partial class RunOracle
{
    private static readonly string[] Terminal = ["run.completed", "run.failed", "run.cancelled", "run.expired"];
    private readonly ConcurrentDictionary<string, int> _taskIds = new(StringComparer.Ordinal);
    private int _completed;
    private int _lost;
    private int _wrong;
    private int _failed;
    private int _brokenEvents;

    public int Completed => _completed;

    public int Lost => _lost;

    public int Wrong => _wrong;

    public int Failed => _failed;

    public int BrokenEvents => _brokenEvents;

    public int Doubled => _taskIds.Values.Count(times => times > 1);

    public IEnumerable<string> TaskIds => _taskIds.Keys;

    public bool IsClean(int runs) => Completed == runs && Lost == 0 && Wrong == 0 && Failed == 0 && Doubled == 0 && BrokenEvents == 0;

    public static string Question(int round, int number) => string.Create(CultureInfo.InvariantCulture, $"What is {1000 + number} * {17 + round} + 5?");

    public void Submitted(string taskId) => _taskIds.AddOrUpdate(taskId, 1, static (_, times) => times + 1);

    public void Ended(int round, int number, JsonNode? status)
    {
        if (status is null)
        {
            Interlocked.Increment(ref _lost);
        }
        else if (status["status"]!.GetValue<string>() != "completed")
        {
            Interlocked.Increment(ref _failed);
        }
        else
        {
            Interlocked.Increment(ref _completed);
            var expected = (((1000 + number) * (17 + round)) + 5).ToString(CultureInfo.InvariantCulture);
            var steps = status["steps"]!.AsArray().Select(step => step!["kind"]!.GetValue<string>());
            var numbers = GroupSeparator().Replace(status["result"]!.GetValue<string>(), "");
            if (!numbers.Contains(expected, StringComparison.Ordinal) || !steps.SequenceEqual(["model", "tool", "model"]))
            {
                Interlocked.Increment(ref _wrong);
            }
        }
    }

    public void Watched(IReadOnlyList<(long Id, string Type)> events)
    {
        var contiguous = events.Select(runEvent => runEvent.Id).SequenceEqual(Enumerable.Range(1, events.Count).Select(id => (long)id));
        if (!contiguous || events.Count == 0 || !Terminal.Contains(events[^1].Type) || events.Count(runEvent => Terminal.Contains(runEvent.Type)) != 1)
        {
            Interlocked.Increment(ref _brokenEvents);
        }
    }

    [GeneratedRegex(@"(?<=\d)[,\u00a0 ](?=\d{3})")]
    private static partial Regex GroupSeparator();
}

using System.Globalization;
using System.Text.Json;
using AgentHosting.Redis.Internal;
using AgentHosting.Runs;
using StackExchange.Redis;

namespace AgentHosting.Redis.Runs.Internal;

/// <summary>The fields of a run's record.</summary>
internal sealed class RunFields
{
    private readonly Dictionary<string, RedisResult> _fields = new(StringComparer.Ordinal);

    public RunFields(RedisResult flat)
    {
        var items = RunReplies.Items(flat);
        for (var i = 0; i < items.Length; i += 2)
        {
            _fields.Add((string)items[i]!, items[i + 1]);
        }
    }

    public StoredSubmission Submission => field ??= JsonSerializer.Deserialize((byte[])_fields["sub"]!, StoredRunJson.Default.StoredSubmission)!;

    public AgentRunUsage Usage => new()
    {
        InputTokens = Number("u1"),
        OutputTokens = Number("u2"),
        CachedInputTokens = Number("u3"),
        ReasoningTokens = Number("u4"),
        TotalTokens = Number("u5"),
    };

    /// <summary>The sum of what its steps and attempts have cost.</summary>
    public decimal Cost
    {
        get
        {
            var sum = 0m;
            foreach (var cost in (Find("costs") ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries))
            {
                sum += decimal.Parse(cost, CultureInfo.InvariantCulture);
            }

            return sum;
        }
    }

    public string? Find(string name) => _fields.TryGetValue(name, out var value) ? (string?)value : null;

    public byte[]? Bytes(string name) => _fields.TryGetValue(name, out var value) ? (byte[]?)value : null;

    public string Text(string name) => Find(name) ?? "";

    public long Number(string name) => _fields.TryGetValue(name, out var value) ? (long)value : 0;

    public DateTimeOffset? Time(string name) => _fields.TryGetValue(name, out var value) ? RedisTime.ToTime((long)value) : null;
}

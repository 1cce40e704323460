using AgentHosting.Testing;

namespace AgentHosting.Providers.Tests;

/// <summary>One way in which a provider fails on the wire, and what of its answer a reader of the stream sees before.</summary>
internal sealed class WireFailure
{
    private static readonly string[] _chunks = ["first ", "second ", "third"];

    public required string Name { get; init; }

    public required ScriptedTurn Turn { get; init; }

    /// <summary>The text that a stream gives before it fails.</summary>
    public string Seen { get; init; } = "";

    public bool Fails { get; init; } = true;

    public bool Stalls { get; init; }

    /// <summary>How long the provider asks to be left alone.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public static IReadOnlyList<WireFailure> All { get; } =
    [
        Status(500),
        Status(503),
        Status(529),
        new() { Name = "429 retry-after-ms", Turn = ScriptedTurn.Fail(429).WithHeader("retry-after-ms", "7000"), RetryAfter = TimeSpan.FromSeconds(7) },
        new() { Name = "429 seconds", Turn = ScriptedTurn.Fail(429).WithHeader("Retry-After", "7"), RetryAfter = TimeSpan.FromSeconds(7) },
        new() { Name = "429 date", Turn = ScriptedTurn.Fail(429).WithHeader("Retry-After", "Sat, 01 Jan 2000 00:00:07 GMT"), RetryAfter = TimeSpan.FromSeconds(7) },
        new() { Name = "reset before headers", Turn = ScriptedTurn.Fault(WireFault.ResetBeforeHeaders) },
        new() { Name = "reset after headers", Turn = ScriptedTurn.Fault(WireFault.ResetAfterHeaders) },
        Middle("reset mid-stream", WireFault.ResetMidStream),
        Middle("truncated", WireFault.TruncatedStream),
        Middle("garbage chunk", WireFault.GarbageChunk),
        new() { Name = "garbage body", Turn = ScriptedTurn.Fault(WireFault.GarbageBody) },
        new() { Name = "stall before headers", Turn = ScriptedTurn.Fault(WireFault.StallBeforeHeaders), Stalls = true },
        new() { Name = "stall before first token", Turn = ScriptedTurn.Fault(WireFault.StallBeforeFirstToken), Stalls = true },
        new() { Name = "stall mid-stream", Turn = ScriptedTurn.Stream(_chunks).WithFault(WireFault.StallMidStream, 2), Seen = "first second ", Stalls = true },
        new() { Name = "slow drip", Turn = ScriptedTurn.Stream(_chunks).WithChunkDelay(TimeSpan.FromMilliseconds(20)), Seen = "first second third", Fails = false },
    ];

    public static TheoryData<string, bool> Rows() => RowsOf(All);

    public static WireFailure Named(string name) => All.Single(failure => failure.Name == name);

    private static TheoryData<string, bool> RowsOf(IEnumerable<WireFailure> failures)
    {
        var rows = new TheoryData<string, bool>();
        foreach (var failure in failures)
        {
            rows.Add(failure.Name, true);
            rows.Add(failure.Name, false);
        }

        return rows;
    }

    private static WireFailure Status(int status) => new() { Name = $"{status}", Turn = ScriptedTurn.Fail(status) };

    private static WireFailure Middle(string name, WireFault fault) =>
        new() { Name = name, Turn = ScriptedTurn.Stream(_chunks).WithFault(fault, 2), Seen = "first second " };
}

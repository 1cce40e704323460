using System.Globalization;
using AgentHosting.Testing;

namespace AgentHosting.Providers.Tests;

/// <summary>The rows of the fault matrix.</summary>
internal static class Faults
{
    private const string Partial = "chunk1 chunk2 ";
    private static readonly TimeSpan Asked = TimeSpan.FromMilliseconds(120);
    private static readonly string[] Drops = [.. Enumerable.Range(1, 12).Select(static number => $"drop{number} ")];

    public static IReadOnlyList<Fault> All { get; } =
    [
        new("429", () => ScriptedTurn.Fail(429)),
        new("429, `Retry-After` in seconds", () => ScriptedTurn.Fail(429).WithHeader("Retry-After", "1")) { RetryAfter = TimeSpan.FromSeconds(1) },
        // A date has no fraction of a second.
        new("429, `Retry-After` as a date", () => ScriptedTurn.Fail(429).WithHeader("Retry-After", InTwoSeconds())) { RetryAfter = TimeSpan.FromSeconds(0.9) },
        new("429, `retry-after-ms`", () => ScriptedTurn.Fail(429).WithHeader("retry-after-ms", "120")) { RetryAfter = Asked },
        new("429, `x-ms-retry-after-ms`", () => ScriptedTurn.Fail(429).WithHeader("x-ms-retry-after-ms", "120")) { RetryAfter = Asked },
        new("429, `Retry-After` of five days", () => ScriptedTurn.Fail(429).WithHeader("Retry-After", "432000")) { RetryAfter = TimeSpan.FromDays(5) },
        new("429, quota used up", () => ScriptedTurn.Fail(429).WithErrorCode("insufficient_quota")),
        new("400", () => ScriptedTurn.Fail(400)),
        new("500", () => ScriptedTurn.Fail(500)),
        new("503", () => ScriptedTurn.Fail(503)),
        new("529", () => ScriptedTurn.Fail(529)),
        new("reset before headers", () => ScriptedTurn.Fault(WireFault.ResetBeforeHeaders)),
        new("reset after headers", () => ScriptedTurn.Fault(WireFault.ResetAfterHeaders)),
        new("reset before content", () => ScriptedTurn.Fault(WireFault.ResetMidStream)),
        new("reset mid-stream", () => ScriptedTurn.Fault(WireFault.ResetMidStream, 2)) { Seen = Partial },
        new("stall before headers", () => ScriptedTurn.Fault(WireFault.StallBeforeHeaders)),
        new("stall before first token", () => ScriptedTurn.Fault(WireFault.StallBeforeFirstToken)),
        new("stall mid-stream", () => ScriptedTurn.Fault(WireFault.StallMidStream, 2)) { Seen = Partial },
        new("truncated before content", () => ScriptedTurn.Fault(WireFault.TruncatedStream)),
        new("truncated mid-stream", () => ScriptedTurn.Fault(WireFault.TruncatedStream, 2)) { Seen = Partial },
        new("garbage body", () => ScriptedTurn.Fault(WireFault.GarbageBody)),
        new("garbage first chunk", () => ScriptedTurn.Fault(WireFault.GarbageChunk)),
        new("garbage chunk", () => ScriptedTurn.Fault(WireFault.GarbageChunk, 2)) { Seen = Partial },
        new("slow drip", () => ScriptedTurn.Text(MatrixRun.Answer).WithChunkDelay(TimeSpan.FromMilliseconds(60))),
        new("slow drip beyond the whole limit", () => ScriptedTurn.Stream(Drops).WithChunkDelay(TimeSpan.FromMilliseconds(300)))
        {
            Seen = string.Concat(Drops),
            IsSeenInPart = true,
        },
    ];

    public static Fault Named(string name) => All.Single(fault => fault.Name == name);

    private static string InTwoSeconds() => TimeProvider.System.GetUtcNow().AddSeconds(2).ToString("r", CultureInfo.InvariantCulture);
}

using System.Globalization;
using AgentHosting.Testing;

namespace AgentHosting.Providers.Tests;

/// <summary>The rows of the fault matrix.</summary>
internal static class Faults
{
    private static readonly TimeSpan Asked = TimeSpan.FromMilliseconds(120);

    public static IReadOnlyList<Fault> All { get; } =
    [
        new("429", () => ScriptedTurn.Fail(429)),
        new("429-seconds", () => ScriptedTurn.Fail(429).WithHeader("Retry-After", "1")) { MinDelay = TimeSpan.FromSeconds(1) },
        new("429-date", () => ScriptedTurn.Fail(429).WithHeader("Retry-After", TimeProvider.System.GetUtcNow().AddSeconds(2).ToString("r", CultureInfo.InvariantCulture)))
        {
            // The date has no fraction of a second.
            MinDelay = TimeSpan.FromSeconds(0.9),
        },
        new("429-retry-after-ms", () => ScriptedTurn.Fail(429).WithHeader("retry-after-ms", "120")) { MinDelay = Asked },
        new("429-x-ms-retry-after-ms", () => ScriptedTurn.Fail(429).WithHeader("x-ms-retry-after-ms", "120")) { MinDelay = Asked },
        new("429-too-long", () => ScriptedTurn.Fail(429).WithHeader("Retry-After", "410400"), Retryable: false),
        new("429-quota", () => ScriptedTurn.Fail(429).WithErrorCode("insufficient_quota"), Retryable: false),
        new("400", () => ScriptedTurn.Fail(400), Retryable: false),
        new("500", () => ScriptedTurn.Fail(500)),
        new("503", () => ScriptedTurn.Fail(503)),
        new("529", () => ScriptedTurn.Fail(529)),
        new("reset-before-headers", () => ScriptedTurn.Fault(WireFault.ResetBeforeHeaders)),
        new("reset-after-headers", () => ScriptedTurn.Fault(WireFault.ResetAfterHeaders)),
        new("reset-before-content", () => ScriptedTurn.Fault(WireFault.ResetMidStream)),
        new("reset-mid-stream", () => ScriptedTurn.Fault(WireFault.ResetMidStream, 2)) { Seen = "chunk1 chunk2 " },
        new("stall-before-headers", () => ScriptedTurn.Fault(WireFault.StallBeforeHeaders)),
        new("stall-before-first-token", () => ScriptedTurn.Fault(WireFault.StallBeforeFirstToken)),
        new("stall-mid-stream", () => ScriptedTurn.Fault(WireFault.StallMidStream, 2)) { Seen = "chunk1 chunk2 " },
        new("truncated-before-content", () => ScriptedTurn.Fault(WireFault.TruncatedStream)),
        new("truncated-mid-stream", () => ScriptedTurn.Fault(WireFault.TruncatedStream, 2)) { Seen = "chunk1 chunk2 " },
        new("garbage-body", () => ScriptedTurn.Fault(WireFault.GarbageBody)),
        new("garbage-chunk-first", () => ScriptedTurn.Fault(WireFault.GarbageChunk)),
        new("garbage-chunk", () => ScriptedTurn.Fault(WireFault.GarbageChunk, 2)) { Seen = "chunk1 chunk2 " },
        new("slow-drip", () => ScriptedTurn.Stream("slow ", "but ", "sure").WithChunkDelay(TimeSpan.FromMilliseconds(60))) { Fails = false, Seen = "slow but sure" },
    ];
}

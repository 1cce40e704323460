namespace AgentHosting.Testing.Internal;

/// <summary>Where and how a turn breaks. <paramref name="Exception"/> replaces the one that a client would see for the fault.</summary>
internal sealed record TurnBreak(WireFault Fault, int AfterChunks, Exception? Exception)
{
    public bool IsStall => Fault is WireFault.StallBeforeHeaders or WireFault.StallBeforeFirstToken or WireFault.StallMidStream;

    public static bool IsMidStream(WireFault fault) =>
        fault is WireFault.ResetMidStream or WireFault.StallMidStream or WireFault.TruncatedStream or WireFault.GarbageChunk;
}

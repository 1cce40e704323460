using StackExchange.Redis;

namespace AgentHosting.Redis.Connections.Internal;

/// <summary>Tells apart what a server is asked wrongly and what it, or the way to it, cannot do now.</summary>
internal static class RedisErrors
{
    // What passes by itself, or by what the operator does anyway. Everything else that a server refuses a plain script, it refuses for good.
    private static readonly string[] _passing =
        ["OOM", "LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "BUSY", "TRYAGAIN", "MISCONF", "NOREPLICAS", "UNKILLABLE", "UNBLOCKED"];

    /// <summary>Whether the server refuses only for now. Redis 6.2 puts what a command in a script was refused with behind where that was.</summary>
    public static bool IsPassing(string message) => _passing.Any(error => IsOf(message, error));

    /// <summary>Whether the memory is full that the command needs.</summary>
    public static bool IsOutOfMemory(Exception exception) => exception is RedisServerException && IsOf(exception.Message, "OOM");

    /// <summary>Whether the command was not carried out, or its answer is not known, for no fault of its own.</summary>
    public static bool IsOutage(Exception exception) => exception switch
    {
        RedisServerException refused => IsPassing(refused.Message) || IsMoved(refused),
        RedisException or TimeoutException => true,
        // Only replicas are in reach.
        RedisCommandException command => command.Message.Contains("replica", StringComparison.OrdinalIgnoreCase),
        _ => false,
    };

    /// <summary>Whether a slot has gone to another server of the cluster.</summary>
    public static bool IsMoved(RedisServerException exception) => exception.Message.Contains("MOVED", StringComparison.Ordinal);

    /// <summary>Whether another server may be the primary now.</summary>
    public static bool MayBeElsewhere(Exception exception) => exception switch
    {
        RedisServerException refused => IsOf(refused.Message, "READONLY") || IsOf(refused.Message, "MASTERDOWN") || IsOf(refused.Message, "UNBLOCKED"),
        RedisException or RedisCommandException or TimeoutException => true,
        _ => false,
    };

    private static bool IsOf(string message, string error) =>
        message.StartsWith(error, StringComparison.Ordinal) || message.Contains($": -{error} ", StringComparison.Ordinal);
}

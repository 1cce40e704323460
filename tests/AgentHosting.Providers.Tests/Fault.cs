using AgentHosting.Testing;

namespace AgentHosting.Providers.Tests;

/// <summary>A row of the fault matrix: how a provider fails. What is expected of each pipeline stands in docs/fault-matrix.md.</summary>
/// <param name="Name">The row's name in the table.</param>
/// <param name="Turn">Plays the fault.</param>
public sealed record Fault(string Name, Func<ScriptedTurn> Turn)
{
    /// <summary>The text that a stream shows before it fails. Empty: it fails before its first content.</summary>
    public string Seen { get; init; } = "";

    /// <summary>Whether only the time says how much of <see cref="Seen"/> is seen.</summary>
    public bool IsSeenInPart { get; init; }

    /// <summary>The least time for which the provider asks to be left alone.</summary>
    public TimeSpan? RetryAfter { get; init; }
}

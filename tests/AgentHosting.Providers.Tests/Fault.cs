using AgentHosting.Testing;

namespace AgentHosting.Providers.Tests;

/// <summary>A row of the fault matrix: how a provider fails, and what a client on its wire may expect.</summary>
/// <param name="Name">The row's name.</param>
/// <param name="Turn">Plays the fault.</param>
/// <param name="Retryable">Whether another attempt may answer, where nothing of this one was seen.</param>
public sealed record Fault(string Name, Func<ScriptedTurn> Turn, bool Retryable = true)
{
    /// <summary>The text that a stream shows before it fails. Empty: it fails before its first content.</summary>
    public string Seen { get; init; } = "";

    /// <summary>Whether the fault is a failure at all. A slow answer is not.</summary>
    public bool Fails { get; init; } = true;

    /// <summary>The least wait before the next attempt.</summary>
    public TimeSpan MinDelay { get; init; }

    public override string ToString() => Name;
}

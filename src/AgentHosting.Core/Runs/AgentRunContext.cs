namespace AgentHosting.Runs;

/// <summary>The run that code is part of. Tools get it from the services of their attempt: <c>services.GetRequiredService&lt;AgentRunContext&gt;()</c>.</summary>
public sealed class AgentRunContext
{
    /// <summary>The run's id.</summary>
    public required string RunId { get; init; }

    /// <summary>The agent's name.</summary>
    public required string Agent { get; init; }

    /// <summary>Who submitted the run.</summary>
    public required AgentIdentity Identity { get; init; }

    /// <summary>The conversation, if any.</summary>
    public string? SessionId { get; init; }

    /// <summary>The attempt, from 1.</summary>
    public required int Attempt { get; init; }

    /// <summary>Labels given at submission.</summary>
    public required IReadOnlyDictionary<string, string> Metadata { get; init; }
}

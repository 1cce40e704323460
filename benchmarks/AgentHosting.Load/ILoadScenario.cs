using AgentHosting.Load.Options;

namespace AgentHosting.Load;

/// <summary>One load or fault program with an oracle.</summary>
internal interface ILoadScenario
{
    /// <summary>The word on the command line.</summary>
    string Name { get; }

    /// <summary>One line for the help.</summary>
    string Summary { get; }

    /// <summary>The options it takes.</summary>
    IReadOnlyList<LoadOption> Options { get; }

    /// <summary>Runs it and writes one JSON object a result.</summary>
    /// <returns>Whether the oracle found nothing wrong.</returns>
    Task<bool> RunAsync(LoadOptions options, ResultWriter results, CancellationToken cancellationToken);
}

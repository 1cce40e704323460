namespace AgentHosting.Compliance.Model;

/// <summary>A store's limits and what is done to it.</summary>
/// <param name="MaxRunningPerTenant">The limit; 0 for none.</param>
/// <param name="IsSmall">Whether the store takes a few runs only.</param>
/// <param name="Commands">What is done, one after another.</param>
internal sealed record RunStoreSequence(int MaxRunningPerTenant, bool IsSmall, RunStoreCommand[] Commands)
{
    public override string ToString() =>
        $"MaxRunningPerTenant {MaxRunningPerTenant}, small {IsSmall}:\n{string.Join('\n', Commands.Select(static command => command.ToString()))}";
}

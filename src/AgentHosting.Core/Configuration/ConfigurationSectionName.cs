namespace AgentHosting;

/// <summary>A key directly below <c>AgentHosting</c> that something registered reads. All others stop the start-up.</summary>
internal sealed class ConfigurationSectionName(string name)
{
    public string Name => name;
}

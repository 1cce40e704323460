namespace AgentHosting;

/// <summary>What a stage is called in configuration and in code: by the name of its options, so <c>RetryOptions</c> are section <c>Retry</c>, added by <c>AddRetry</c>.</summary>
internal static class StageSection
{
    public static string NameOf<TOptions>() => typeof(TOptions).Name[..^"Options".Length];

    /// <summary>The configuration key of the options with a name; of the unnamed ones for <see langword="null"/> and the empty string.</summary>
    public static string KeyOf<TOptions>(string? optionsName) =>
        $"{AgentHostingConfiguration.Section}:{NameOf<TOptions>()}{(string.IsNullOrEmpty(optionsName) ? "" : ":" + optionsName)}";
}

using AgentHosting.ContextWindows;
using AgentHosting.Fallbacks;
using AgentHosting.Guardrails;
using AgentHosting.ModelRouting;
using AgentHosting.RateLimits;
using AgentHosting.ResponseCaching;
using AgentHosting.TokenBudgets;
using Microsoft.Extensions.Configuration;

namespace AgentHosting.DependencyInjection.Internal;

/// <summary>Finds what stands directly below <c>AgentHosting</c> in configuration and is read by nobody.</summary>
internal static class UnknownSections
{
    // Those of the others are registered in every host.
    private static readonly string[] OptionalStages =
    [
        StageSection.NameOf<ContextWindowOptions>(), StageSection.NameOf<FallbackOptions>(), StageSection.NameOf<InputGuardOptions>(), StageSection.NameOf<ModelRateLimitOptions>(), StageSection.NameOf<ModelRouterOptions>(), StageSection.NameOf<OutputGuardOptions>(), StageSection.NameOf<ResponseCacheOptions>(),
        StageSection.NameOf<TokenBudgetOptions>(),
    ];

    /// <exception cref="InvalidOperationException">There is something; the message names all of it.</exception>
    public static void Check(IConfiguration configuration, IEnumerable<ConfigurationSectionName> registered)
    {
        var root = configuration.GetSection(AgentHostingConfiguration.Section);
        if (!string.IsNullOrEmpty(root.Value))
        {
            throw new InvalidOperationException($"{root.Path} is '{root.Value}', where a section with settings is expected. Put the settings below it, or remove it.");
        }

        var known = registered.Select(static section => section.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var unknown = root.GetChildren().Where(child => !known.Contains(child.Key)).Select(child => Describe(child, known)).ToArray();
        if (unknown.Length > 0)
        {
            throw new InvalidOperationException(
                $"{string.Join(' ', unknown)} Known are: {string.Join(", ", known.Order(StringComparer.Ordinal))}. Correct or remove it; for a section of your own call AddConfigurationSection.");
        }
    }

    private static string Describe(IConfigurationSection section, HashSet<string> known) =>
        $"{section.Path} is read by nothing.{NearestName.Of(section.Key, known.Union(OptionalStages)) switch
        {
            null => "",
            { } name when known.Contains(name) => $" Did you mean '{name}'?",
            { } name when name.Equals(section.Key, StringComparison.OrdinalIgnoreCase) => $" Call AddAgentHosting().Add{name}(), or remove it.",
            { } name => $" Did you mean '{name}'? That is read once Add{name}() was called.",
        }}";
}

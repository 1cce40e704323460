using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.AI;

namespace AgentHosting.ToolValidation.Internal;

/// <summary>What is known about one tool, from all places where it may be said: the method's attribute, its properties, its registration, the options.</summary>
internal sealed class ToolSettings
{
    private ToolSettings(ToolRisk? risk, TimeSpan? timeout, bool isIdempotent, ToolOptions options, ToolValidationOptions defaults)
    {
        IsClassified = risk is not null;
        Risk = risk ?? defaults.UnclassifiedRisk;
        DeclaredTimeout = timeout;
        IsIdempotent = isIdempotent;
        Approver = options.Approver;
        OnUnknownOutcome = options.OnUnknownOutcome;
        MaxRetries = isIdempotent ? options.MaxRetries ?? defaults.MaxRetries : 0;
        MaxConcurrency = options.MaxConcurrency;
        CallsPerMinute = options.CallsPerMinute;
        MaxCallsPerRun = options.MaxCallsPerRun;
        MaxResultLength = options.MaxResultLength ?? defaults.MaxResultLength;
        CacheFor = isIdempotent ? options.CacheFor : null;
        IsCacheShared = options.IsCacheShared;
        HasCircuitBreaker = options.HasCircuitBreaker;
    }

    public ToolRisk Risk { get; }

    public bool IsClassified { get; }

    public TimeSpan? DeclaredTimeout { get; }

    public bool IsIdempotent { get; }

    /// <summary>Whether a call that may have been made must not be made again. One that only reads can.</summary>
    public bool HasEffects => !IsIdempotent && !(IsClassified && Risk == ToolRisk.Low);

    public string? Approver { get; }

    /// <summary><see langword="null"/> for what the agent says.</summary>
    public UnknownOutcomePolicy? OnUnknownOutcome { get; }

    public int MaxRetries { get; }

    public int? MaxConcurrency { get; }

    public int? CallsPerMinute { get; }

    public int? MaxCallsPerRun { get; }

    public int MaxResultLength { get; }

    public TimeSpan? CacheFor { get; }

    public bool IsCacheShared { get; }

    public bool HasCircuitBreaker { get; }

    /// <exception cref="InvalidOperationException">What the tool says about itself cannot be read.</exception>
    public static ToolSettings Of(AIFunction tool, ToolValidationOptions options)
    {
        var properties = tool.AdditionalProperties;
        var attribute = tool.UnderlyingMethod?.GetCustomAttribute<AgentToolAttribute>();
        var registered = properties.TryGetValue(ToolProperties.Options, out var value) ? value as ToolOptions : null;
        options.Tools.TryGetValue(tool.Name, out var configured);
        var merged = Merge(registered, configured);
        var risk = merged.Risk ?? RiskIn(tool, properties) ?? attribute?.DeclaredRisk;
        if (ToolOrigin.NameOf(tool) is { } origin && options.Tools.TryGetValue(origin, out var ofName))
        {
            merged = Merge(Restrictions(ofName), merged);
            risk = ofName.Risk > (risk ?? options.UnclassifiedRisk) ? ofName.Risk : risk;
        }

        return new ToolSettings(
            risk,
            merged.Timeout ?? Seconds(tool, properties) ?? (attribute?.DeclaredTimeoutSeconds is { } seconds ? Positive(tool, seconds) : null),
            merged.IsIdempotent ?? Flag(tool, properties) ?? attribute?.DeclaredIsIdempotent ?? false,
            merged,
            options);
    }

    // Two tools came with the name, and one may be a stranger's: it is bound by what was said about the name, and gains nothing from it.
    private static ToolOptions Restrictions(ToolOptions options) => new()
    {
        Timeout = options.Timeout,
        Approver = options.Approver,
        MaxConcurrency = options.MaxConcurrency,
        CallsPerMinute = options.CallsPerMinute,
        MaxCallsPerRun = options.MaxCallsPerRun,
        MaxResultLength = options.MaxResultLength,
    };

    private static ToolOptions Merge(ToolOptions? low, ToolOptions? high)
    {
        if (low is null || high is null)
        {
            return high ?? low ?? new ToolOptions();
        }

        var merged = low.Copy();
        merged.Risk = high.Risk ?? low.Risk;
        merged.Timeout = high.Timeout ?? low.Timeout;
        merged.IsIdempotent = high.IsIdempotent ?? low.IsIdempotent;
        merged.Approver = high.Approver ?? low.Approver;
        merged.OnUnknownOutcome = high.OnUnknownOutcome ?? low.OnUnknownOutcome;
        merged.MaxRetries = high.MaxRetries ?? low.MaxRetries;
        merged.MaxConcurrency = high.MaxConcurrency ?? low.MaxConcurrency;
        merged.CallsPerMinute = high.CallsPerMinute ?? low.CallsPerMinute;
        merged.MaxCallsPerRun = high.MaxCallsPerRun ?? low.MaxCallsPerRun;
        merged.MaxResultLength = high.MaxResultLength ?? low.MaxResultLength;
        merged.CacheFor = high.CacheFor ?? low.CacheFor;
        merged.IsCacheShared = high.IsCacheShared || low.IsCacheShared;
        merged.HasCircuitBreaker = high.HasCircuitBreaker && low.HasCircuitBreaker;
        return merged;
    }

    private static ToolRisk? RiskIn(AIFunction tool, IReadOnlyDictionary<string, object?> properties) =>
        !properties.TryGetValue(ToolProperties.Risk, out var value) || value is null ? null
        : value is ToolRisk risk && Enum.IsDefined(risk) ? risk
        : value is string text && Enum.TryParse<ToolRisk>(text, ignoreCase: true, out var parsed) && Enum.IsDefined(parsed) ? parsed
        : throw Unusable(tool, ToolProperties.Risk, "Use a ToolRisk or its name.");

    private static TimeSpan? Seconds(AIFunction tool, IReadOnlyDictionary<string, object?> properties) =>
        !properties.TryGetValue(ToolProperties.Timeout, out var value) || value is null ? null
        : value is TimeSpan time ? Positive(tool, time.TotalSeconds)
        : value is int or long or double or float or decimal ? Positive(tool, Convert.ToDouble(value, CultureInfo.InvariantCulture))
        : throw Unusable(tool, ToolProperties.Timeout, "Use a TimeSpan or a number of seconds.");

    private static bool? Flag(AIFunction tool, IReadOnlyDictionary<string, object?> properties) =>
        !properties.TryGetValue(ToolProperties.IsIdempotent, out var value) || value is null ? null
        : value as bool? ?? throw Unusable(tool, ToolProperties.IsIdempotent, "Use true or false.");

    private static TimeSpan Positive(AIFunction tool, double seconds) => seconds > 0 && seconds <= OptionsErrors.OneDay.TotalSeconds
        ? TimeSpan.FromSeconds(seconds)
        : throw Unusable(tool, ToolProperties.Timeout, "Use a time above 0 and up to 1 day.");

    private static InvalidOperationException Unusable(AIFunction tool, string key, string fix) => new($"Tool '{tool.Name}' declares a {key} that cannot be used. {fix}");
}

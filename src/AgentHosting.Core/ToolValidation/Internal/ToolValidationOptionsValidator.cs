using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace AgentHosting.ToolValidation.Internal;

/// <summary>Names the configuration key of what is wrong, and the rules across fields.</summary>
internal sealed class ToolValidationOptionsValidator : IValidateOptions<ToolValidationOptions>
{
    public ValidateOptionsResult Validate(string? name, ToolValidationOptions options)
    {
        var errors = new OptionsErrors(StageSection.KeyOf<ToolValidationOptions>(name));
        errors.AddAttributes(options);
        errors.AddIfNotPositive(options.Timeout, nameof(options.Timeout), OptionsErrors.OneDay);
        errors.AddIfNegative(options.RetryDelay, nameof(options.RetryDelay), OptionsErrors.OneDay);
        errors.AddIfNotPositive(options.CircuitOpenDuration, nameof(options.CircuitOpenDuration), OptionsErrors.OneDay);
        errors.AddIfNotPositive(options.ApprovalLifetime, nameof(options.ApprovalLifetime), OptionsErrors.OneDay);
        AddIfUndefined(errors, options.UnclassifiedRisk, nameof(options.UnclassifiedRisk));
        AddIfUndefined(errors, options.LowRisk, nameof(options.LowRisk));
        AddIfUndefined(errors, options.MediumRisk, nameof(options.MediumRisk));
        AddIfUndefined(errors, options.HighRisk, nameof(options.HighRisk));
        AddIfUndefined(errors, options.CriticalRisk, nameof(options.CriticalRisk));
        foreach (var (tool, settings) in options.Tools)
        {
            var part = $"{nameof(options.Tools)}:{tool}";
            errors.AddIf(settings is null, part, "null", "Give it settings, or leave it out.");
            if (settings is not null)
            {
                AddTool(errors, part, settings);
            }
        }

        foreach (var (index, rule) in options.Rules.Index())
        {
            var part = $"{nameof(options.Rules)}:{index}";
            errors.AddIf(rule is null, part, "null", "Give it settings, or leave it out.");
            if (rule is not null)
            {
                AddRule(errors, part, rule);
            }
        }

        return errors.ToResult();
    }

    internal static void AddTool(OptionsErrors errors, string part, ToolOptions settings)
    {
        errors.AddAttributes(settings, part);
        AddIfUndefined(errors, settings.Risk ?? default, $"{part}:{nameof(settings.Risk)}");
        errors.AddIfNotPositive(settings.Timeout ?? TimeSpan.FromSeconds(1), $"{part}:{nameof(settings.Timeout)}", OptionsErrors.OneDay);
        errors.AddIfNotPositive(settings.CacheFor ?? TimeSpan.FromSeconds(1), $"{part}:{nameof(settings.CacheFor)}", OptionsErrors.ManyDays);
        errors.AddIf(
            settings.IsIdempotent == false && settings.CacheFor is not null,
            $"{part}:{nameof(settings.CacheFor)}",
            settings.CacheFor,
            "The results of a tool that is not idempotent are not cached. Set IsIdempotent, or leave CacheFor out.");
        errors.AddIf(
            settings.IsIdempotent == false && settings.MaxRetries > 0,
            $"{part}:{nameof(settings.MaxRetries)}",
            settings.MaxRetries,
            "A tool that is not idempotent is not retried. Set IsIdempotent, or leave MaxRetries out.");
        errors.AddIf(settings.Approver is { } approver && string.IsNullOrWhiteSpace(approver), $"{part}:{nameof(settings.Approver)}", "blank", "Name a policy, or leave it out.");
    }

    private static void AddRule(OptionsErrors errors, string part, ToolRule rule)
    {
        AddIfUndefined(errors, rule.Decision, $"{part}:{nameof(rule.Decision)}");
        AddIfUndefined(errors, rule.MinimumRisk, $"{part}:{nameof(rule.MinimumRisk)}");
        AddIfBlank(errors, rule.Tool, $"{part}:{nameof(rule.Tool)}");
        AddIfBlank(errors, rule.Agent, $"{part}:{nameof(rule.Agent)}");
        AddIfBlank(errors, rule.User, $"{part}:{nameof(rule.User)}");
        AddIfBlank(errors, rule.Tenant, $"{part}:{nameof(rule.Tenant)}");
        AddIfBlank(errors, rule.Argument, $"{part}:{nameof(rule.Argument)}");
        AddIfBlank(errors, rule.Approver, $"{part}:{nameof(rule.Approver)}");
        errors.AddIf(
            rule.Tool is { Length: > 1 } tool && tool[..^1].Contains('*'),
            $"{part}:{nameof(rule.Tool)}",
            rule.Tool,
            "A star stands for any ending, at the end alone. Elsewhere the rule would fit no tool: write one rule for each.");
        errors.AddIf(
            rule.Argument is null && (rule.ArgumentPattern is not null || rule.ArgumentAbove is not null),
            $"{part}:{nameof(rule.Argument)}",
            null,
            "Name the argument that ArgumentPattern and ArgumentAbove are about.");
        errors.AddIf(!IsPattern(rule.ArgumentPattern), $"{part}:{nameof(rule.ArgumentPattern)}", rule.ArgumentPattern, "Use a regular expression without look-around and back references.");
    }

    private static void AddIfBlank(OptionsErrors errors, string? value, string property) =>
        errors.AddIf(value is not null && string.IsNullOrWhiteSpace(value), property, "blank", "Such a rule fits no call. Name one, or leave it out.");

    private static bool IsPattern(string? pattern)
    {
        try
        {
            _ = pattern is null ? null : new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            return true;
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            return false;
        }
    }

    private static void AddIfUndefined<TEnum>(OptionsErrors errors, TEnum value, string property)
        where TEnum : struct, Enum =>
        errors.AddIf(!Enum.IsDefined(value), property, value, $"Use one of: {string.Join(", ", Enum.GetNames<TEnum>())}.");
}

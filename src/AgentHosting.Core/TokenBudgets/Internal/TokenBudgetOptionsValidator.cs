using AgentHosting.SpendLedgers;
using Microsoft.Extensions.Options;

namespace AgentHosting.TokenBudgets.Internal;

/// <summary>Names the configuration key of what is wrong, and the rules across fields.</summary>
internal sealed class TokenBudgetOptionsValidator : IValidateOptions<TokenBudgetOptions>
{
    public ValidateOptionsResult Validate(string? name, TokenBudgetOptions options)
    {
        var errors = new OptionsErrors(StageSection.KeyOf<TokenBudgetOptions>(name));
        errors.AddAttributes(options);
        errors.AddIfNotPositive(options.HoldLease, nameof(options.HoldLease), OptionsErrors.OneDay);
        errors.AddIf(
            options.WrapUpAt is not null && !options.Limits.Any(static limit => limit is { Scope: SpendScope.Run }),
            nameof(options.WrapUpAt),
            options.WrapUpAt,
            "Add a limit with Scope Run, whose end it is about, or remove it.");
        errors.AddIf(!Enum.IsDefined(options.UnknownPrice), nameof(options.UnknownPrice), options.UnknownPrice, "Use Reject or Allow.");
        for (var i = 0; i < options.Limits.Count; i++)
        {
            Check(errors, options.Limits[i], $"{nameof(options.Limits)}:{i}");
        }

        for (var i = 0; i < options.AlertRatios.Count; i++)
        {
            var ratio = options.AlertRatios[i];
            errors.AddIf(
                !(ratio > (i == 0 ? 0 : options.AlertRatios[i - 1]) && ratio <= 1),
                $"{nameof(options.AlertRatios)}:{i}",
                ratio,
                "Use shares of the cap above 0 and up to 1, ascending, as 0.5, 0.8, 1.");
        }

        for (var i = 0; i < options.Anomalies.Count; i++)
        {
            Check(errors, options.Anomalies[i], $"{nameof(options.Anomalies)}:{i}");
        }

        return errors.ToResult();
    }

    private static void Check(OptionsErrors errors, TokenBudgetAnomaly? anomaly, string path)
    {
        if (anomaly is null)
        {
            errors.AddIf(true, path, null, "Give it a scope, or remove it.");
            return;
        }

        errors.AddIf(
            !Enum.IsDefined(anomaly.Scope) || anomaly.Scope is SpendScope.Call or SpendScope.Run,
            $"{path}:Scope",
            anomaly.Scope,
            "Use Global, Tenant, User, Session, Agent or Model: a run has no spend that is usual.");
        errors.AddIf(
            anomaly.Period < TimeSpan.FromMinutes(1) || anomaly.Period > TimeSpan.FromDays(31), $"{path}:Period", anomaly.Period, "Use 00:01:00 to 31 days.");
        errors.AddIf(
            anomaly.BaselinePeriods is < 1 or > SpendAnomalyRule.MaxBaselinePeriods,
            $"{path}:BaselinePeriods",
            anomaly.BaselinePeriods,
            $"Use 1 to {SpendAnomalyRule.MaxBaselinePeriods}.");
        errors.AddIf(!(anomaly.Factor > 1 && anomaly.Factor <= 1000), $"{path}:Factor", anomaly.Factor, "Use more than 1, at most 1000.");
        errors.AddIf(
            anomaly.MinCost is <= 0 or > TokenBudgetLimits.MaxCost, $"{path}:MinCost", anomaly.MinCost, $"Use more than 0, at most {TokenBudgetLimits.MaxCost}.");
    }

    private static void Check(OptionsErrors errors, TokenBudgetLimit? limit, string path)
    {
        if (limit is null)
        {
            errors.AddIf(true, path, null, "Give it a scope and a cap, or remove it.");
            return;
        }

        errors.AddIf(!Enum.IsDefined(limit.Window), $"{path}:Window", limit.Window, "Use Total, Rolling, Day, Week or Month.");
        errors.AddIf(!Enum.IsDefined(limit.Scope), $"{path}:Scope", limit.Scope, "Use one of the named scopes.");
        errors.AddIf(
            limit is { MaxCost: null, MaxTokens: null, MaxCalls: null }, path, "without a cap", "Set MaxCost, MaxTokens or MaxCalls, or remove it.");
        errors.AddIf(
            limit.MaxCost is < 0 or > TokenBudgetLimits.MaxCost,
            $"{path}:MaxCost",
            limit.MaxCost,
            $"Use 0 to {TokenBudgetLimits.MaxCost}: counters hold 2^53 billionths of the currency.");
        errors.AddIf(limit.MaxTokens < 0, $"{path}:MaxTokens", limit.MaxTokens, "Use 0 or more.");
        errors.AddIf(limit.MaxCalls < 0, $"{path}:MaxCalls", limit.MaxCalls, "Use 0 or more.");
        if (limit.Window == TokenBudgetWindow.Rolling)
        {
            errors.AddIf(
                limit.Length is null || limit.Length < TimeSpan.FromSeconds(1) || limit.Length > TimeSpan.FromDays(366),
                $"{path}:Length",
                limit.Length,
                "A rolling window needs a length from 00:00:01 to 366 days.");
        }
        else if (limit.Window is TokenBudgetWindow.Day or TokenBudgetWindow.Week or TokenBudgetWindow.Month)
        {
            errors.AddIf(
                string.IsNullOrWhiteSpace(limit.TimeZone) || !TimeZoneInfo.TryFindSystemTimeZoneById(limit.TimeZone, out _), $"{path}:TimeZone", limit.TimeZone, "Use a name like UTC or Europe/Paris.");
        }

        errors.AddIf(
            limit.Window != TokenBudgetWindow.Rolling && limit.Length is not null,
            $"{path}:Length",
            limit.Length,
            "Only a rolling window has a length. Set Window to Rolling.");
    }
}

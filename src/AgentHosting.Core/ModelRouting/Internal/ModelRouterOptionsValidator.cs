using System.Globalization;
using Microsoft.Extensions.Options;

namespace AgentHosting.ModelRouting.Internal;

/// <summary>Names the configuration key of what is wrong, and the rules across fields.</summary>
internal sealed class ModelRouterOptionsValidator : IValidateOptions<ModelRouterOptions>
{
    public ValidateOptionsResult Validate(string? name, ModelRouterOptions options)
    {
        var errors = new OptionsErrors(StageSection.KeyOf<ModelRouterOptions>(name));
        errors.AddAttributes(options);
        errors.AddIfNotPositive(options.JudgeTimeout, nameof(options.JudgeTimeout), OptionsErrors.OneDay);
        errors.AddIfNotPositive(options.LatencyHalfLife, nameof(options.LatencyHalfLife), OptionsErrors.OneDay);
        errors.AddIf(options.Candidates.Count == 0, nameof(options.Candidates), null, "Name at least one model, the weakest first.");
        errors.AddIf(
            options.SessionPolicy == ModelRoutePolicies.SessionSticky,
            nameof(options.SessionPolicy),
            options.SessionPolicy,
            $"Name the policy that chooses for the first call of a session, for example '{ModelRoutePolicies.Complexity}'.");
        AddCandidateErrors(errors, options);
        AddThresholdErrors(errors, options);
        return errors.ToResult();
    }

    private static void AddCandidateErrors(OptionsErrors errors, ModelRouterOptions options)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < options.Candidates.Count; i++)
        {
            var candidate = options.Candidates[i];
            var property = string.Create(CultureInfo.InvariantCulture, $"{nameof(options.Candidates)}:{i}");
            if (candidate is null)
            {
                errors.AddIf(true, property, null, "Name a model, or leave it out.");
                continue;
            }

            errors.AddIf(string.IsNullOrWhiteSpace(candidate.Model), $"{property}:{nameof(candidate.Model)}", null, "Name a model.");
            errors.AddIf(!seen.Add(candidate.Model), $"{property}:{nameof(candidate.Model)}", candidate.Model, "Name each model once.");
            errors.AddIf(
                !(candidate.Weight is >= 0 and <= 1e6), $"{property}:{nameof(candidate.Weight)}", candidate.Weight, "Use a weight between 0 and 1,000,000.");
        }

        errors.AddIf(
            options.Candidates.Count > 0 && options.Candidates.All(candidate => candidate?.Weight == 0),
            nameof(options.Candidates),
            "all of weight 0",
            "Give at least one a weight above 0.");
    }

    private static void AddThresholdErrors(OptionsErrors errors, ModelRouterOptions options)
    {
        var thresholds = options.Thresholds;
        errors.AddIf(
            thresholds.Count > 0 && thresholds.Count != options.Candidates.Count - 1,
            nameof(options.Thresholds),
            $"{thresholds.Count} long",
            $"Give {Math.Max(0, options.Candidates.Count - 1)}, one less than there are candidates, or none.");
        for (var i = 0; i < thresholds.Count; i++)
        {
            var property = string.Create(CultureInfo.InvariantCulture, $"{nameof(options.Thresholds)}:{i}");
            errors.AddIf(!(thresholds[i] is >= 0 and <= 1), property, thresholds[i], "Use a probability between 0 and 1.");
            errors.AddIf(i > 0 && thresholds[i] < thresholds[i - 1], property, thresholds[i], "Use at least the threshold before it.");
        }
    }
}

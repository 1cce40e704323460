using System.Globalization;
using Microsoft.Extensions.Options;

namespace AgentHosting;

/// <summary>Collects what is wrong with one options object, each with its configuration key, the value seen and the fix.</summary>
internal sealed class OptionsErrors(string key)
{
    private readonly List<string> _errors = [];

    public void Add(ValidateOptionsResult result)
    {
        foreach (var failure in result.Failures ?? [])
        {
            _errors.Add($"{key}: {failure}");
        }
    }

    public void AddIf(bool wrong, string property, object? value, string fix)
    {
        if (wrong)
        {
            _errors.Add(value is null
                ? $"{key}:{property} is not set. {fix}"
                : string.Create(CultureInfo.InvariantCulture, $"{key}:{property} is {value}. {fix}"));
        }
    }

    public void AddIfNotPositive(TimeSpan value, string property) =>
        AddIf(value <= TimeSpan.Zero || value > MaxTimeSpan, property, value, "Use a time between 1 tick and 45 days, for example 00:00:30.");

    public void AddIfNegative(TimeSpan value, string property) =>
        AddIf(value < TimeSpan.Zero || value > MaxTimeSpan, property, value, "Use a time between 0 and 45 days, for example 00:00:30.");

    public ValidateOptionsResult ToResult() => _errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(_errors);

    // Timers take at most about 49.7 days (uint.MaxValue - 1 milliseconds).
    private static TimeSpan MaxTimeSpan { get; } = TimeSpan.FromDays(45);
}

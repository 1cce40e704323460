using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.Extensions.Options;

namespace AgentHosting;

/// <summary>Collects what is wrong with one options object, each with its configuration key, the value seen and the fix.</summary>
internal sealed class OptionsErrors(string key)
{
    private readonly List<string> _errors = [];

    /// <summary>Longer than any wait of a call, and shorter than what the binder makes of a bare number, which it takes for days.</summary>
    public static TimeSpan OneDay { get; } = TimeSpan.FromDays(1);

    /// <summary>For what is kept: timers take at most about 49.7 days (uint.MaxValue - 1 milliseconds).</summary>
    public static TimeSpan ManyDays { get; } = TimeSpan.FromDays(45);

    /// <summary>Checks what the attributes of the properties ask for.</summary>
    /// <param name="options">The options, or a part of them.</param>
    /// <param name="part">The property that holds the part.</param>
    public void AddAttributes<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] TOptions>(TOptions options, string? part = null)
        where TOptions : class
    {
        foreach (var property in typeof(TOptions).GetProperties())
        {
            foreach (var attribute in property.GetCustomAttributes(typeof(ValidationAttribute), inherit: true))
            {
                var value = property.GetValue(options);
                var fix = attribute switch
                {
                    RangeAttribute range => string.Create(CultureInfo.InvariantCulture, $"Use a value between {range.Minimum} and {range.Maximum}."),
                    RequiredAttribute => "Give it a value, or leave it out for the default.",
                    _ => ((ValidationAttribute)attribute).FormatErrorMessage(property.Name),
                };
                AddIf(!((ValidationAttribute)attribute).IsValid(value), part is null ? property.Name : $"{part}:{property.Name}", value, fix);
            }
        }
    }

    public void AddIf(bool wrong, string property, object? value, string fix)
    {
        if (wrong)
        {
            _errors.Add(value is null
                ? $"{key}:{property} is not set. {fix}"
                : string.Create(CultureInfo.InvariantCulture, $"{key}:{property} is {(value is "" ? "empty" : value)}. {fix}"));
        }
    }

    /// <param name="value">The time.</param>
    /// <param name="property">Its property.</param>
    /// <param name="longest">The longest that is of use.</param>
    public void AddIfNotPositive(TimeSpan value, string property, TimeSpan longest) =>
        AddIf(value <= TimeSpan.Zero || value > longest, property, value, $"Use a time above 0 and up to {Fix(longest)}");

    /// <inheritdoc cref="AddIfNotPositive"/>
    public void AddIfNegative(TimeSpan value, string property, TimeSpan longest) =>
        AddIf(value < TimeSpan.Zero || value > longest, property, value, $"Use a time from 0 up to {Fix(longest)}");

    public ValidateOptionsResult ToResult() => _errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(_errors);

    private static string Fix(TimeSpan longest) =>
        $"{longest.TotalDays:0} day{(longest == OneDay ? "" : "s")}. A number alone means days: 30 is 30 days; for 30 seconds write 00:00:30.";
}

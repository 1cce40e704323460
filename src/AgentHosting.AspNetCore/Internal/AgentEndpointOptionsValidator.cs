using System.Globalization;
using Microsoft.Extensions.Options;

namespace AgentHosting.AspNetCore.Internal;

/// <summary>Checks the options when the endpoints are mapped, all of them at once.</summary>
internal static class AgentEndpointOptionsValidator
{
    private static readonly TimeSpan MaxInterval = TimeSpan.FromHours(1);

    public static void Validate(AgentEndpointOptions options)
    {
        var failures = new List<string>();
        if (options.Prefix is null || (options.Prefix.Length > 0 && options.Prefix[0] != '/'))
        {
            failures.Add($"Prefix is '{options.Prefix}'. Start it with '/', for example '/agent', or leave it empty.");
        }

        if (options.HealthPath is { } path && (path.Length < 2 || path[0] != '/'))
        {
            failures.Add($"HealthPath is '{path}'. Start it with '/', for example '/health', or set it to null to map no health endpoints.");
        }

        CheckPositive(nameof(options.MaxRequestBodyBytes), options.MaxRequestBodyBytes, failures);
        CheckPositive(nameof(options.MaxMessageLength), options.MaxMessageLength, failures);
        CheckInterval(nameof(options.PingInterval), options.PingInterval, failures);
        CheckInterval(nameof(options.HealthTimeout), options.HealthTimeout, failures);
        if (failures.Count > 0)
        {
            throw new OptionsValidationException(Options.DefaultName, typeof(AgentEndpointOptions), failures);
        }
    }

    private static void CheckPositive(string name, int value, List<string> failures)
    {
        if (value < 1)
        {
            failures.Add(string.Create(CultureInfo.InvariantCulture, $"{name} is {value}. Use at least 1."));
        }
    }

    private static void CheckInterval(string name, TimeSpan value, List<string> failures)
    {
        if (value <= TimeSpan.Zero || value > MaxInterval)
        {
            failures.Add($"{name} is {value:c}. Use more than zero and at most {MaxInterval:c}.");
        }
    }
}

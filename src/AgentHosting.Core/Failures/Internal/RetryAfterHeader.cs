using System.Globalization;

namespace AgentHosting.Failures.Internal;

/// <summary>
/// The forms in which providers say when to come back: <c>retry-after-ms</c> and <c>x-ms-retry-after-ms</c> (milliseconds, OpenAI and Azure),
/// <c>Retry-After</c> in seconds or as an HTTP date (RFC 9110, section 10.2.3).
/// </summary>
internal static class RetryAfterHeader
{
    /// <summary>The longest of the waits that the headers ask for: a proxy may have added its own.</summary>
    public static TimeSpan? Read(Func<string, string?> header, TimeProvider timeProvider)
    {
        var retryAfter = header("Retry-After");
        return Longer(
            Longer(Number(header("retry-after-ms"), 1), Number(header("x-ms-retry-after-ms"), 1)),
            Number(retryAfter, 1000) ?? Date(retryAfter, timeProvider));
    }

    private static TimeSpan? Longer(TimeSpan? first, TimeSpan? second) =>
        first is null || second > first ? second : first;

    private static TimeSpan? Number(string? value, double milliseconds) =>
        double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= 0 && number * milliseconds < TimeSpan.MaxValue.TotalMilliseconds
            ? TimeSpan.FromMilliseconds(number * milliseconds)
            : null;

    private static TimeSpan? Date(string? value, TimeProvider timeProvider)
    {
        if (!DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date))
        {
            return null;
        }

        var delay = date - timeProvider.GetUtcNow();
        return delay > TimeSpan.Zero ? delay : TimeSpan.Zero;
    }
}

using AgentHosting.Failures;

namespace AgentHosting.Core.Tests;

/// <summary>What a provider's client throws for a status, with the header that says when to come back.</summary>
internal sealed class ProviderException(int status, TimeSpan? retryAfter = null) : Exception($"The provider answered {status}."), IChatFailureDetails
{
    public int? StatusCode => status;

    public string? ErrorCode => null;

    public string? GetHeader(string name) =>
        name == "retry-after-ms" && retryAfter is { } delay ? delay.TotalMilliseconds.ToString(System.Globalization.CultureInfo.InvariantCulture) : null;
}

using Microsoft.Extensions.AI;

namespace AgentHosting.Failures;

/// <summary>Tells the message of last resort, which no model wrote, from an answer. It is never cached and never billed.</summary>
public static class DegradedResponse
{
    /// <summary>The key in <c>AdditionalProperties</c> whose value is <see langword="true"/> on a degraded response and its updates.</summary>
    public const string PropertyName = "agenthosting.degraded";

    /// <summary>Whether a response is the message of last resort.</summary>
    /// <param name="response">The response.</param>
    /// <returns>Whether it is marked.</returns>
    public static bool IsDegraded(this ChatResponse response)
    {
        ArgumentNullException.ThrowIfNull(response);
        return IsMarked(response.AdditionalProperties);
    }

    /// <summary>Whether an update belongs to the message of last resort.</summary>
    /// <param name="update">The update.</param>
    /// <returns>Whether it is marked.</returns>
    public static bool IsDegraded(this ChatResponseUpdate update)
    {
        ArgumentNullException.ThrowIfNull(update);
        return IsMarked(update.AdditionalProperties);
    }

    private static bool IsMarked(AdditionalPropertiesDictionary? properties) =>
        properties is not null && properties.TryGetValue(PropertyName, out var value) && value is true;
}

using System.Globalization;
using System.Text;
using Microsoft.Extensions.AI;

#pragma warning disable MEAI001 // Continuation tokens are experimental: nothing of them is in our own API.

namespace AgentHosting.Runs.Internal;

/// <summary>Where a reader stands: in which run, and after which of its events.</summary>
internal readonly record struct AgentRunToken(string RunId, long After)
{
    private const string Version = "1";

    // Longer is no id of ours, and not worth reading.
    private const int MaxLength = 256;

    public ResponseContinuationToken ToContinuationToken() =>
        ResponseContinuationToken.FromBytes(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Version}:{After}:{RunId}")));

    /// <exception cref="ArgumentException">It is none of ours.</exception>
    public static AgentRunToken Read(ResponseContinuationToken token)
    {
        var bytes = token.ToBytes();
        if (bytes.Length <= MaxLength
            && Encoding.UTF8.GetString(bytes.Span).Split(':', 3) is [Version, var after, { Length: > 0 } runId]
            && long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence))
        {
            return new AgentRunToken(runId, sequence);
        }

        throw new ArgumentException("ChatOptions.ContinuationToken is not one of a run. Use the one of a response or update of this client.");
    }
}

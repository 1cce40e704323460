using AgentHosting.Transcripts.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting;

/// <summary>Adds transcript repair to a pipeline.</summary>
public static class TranscriptRepairChatClientBuilderExtensions
{
    /// <summary>
    /// Repairs the conversation of each call (<see cref="Transcripts.TranscriptRepair"/>), so that no tool call without a result and no result without a call reaches the
    /// provider. Needs no services. Add it below the tool loop; <c>UseContextWindow</c> and <c>UseProductionDefaults</c> contain it.
    /// </summary>
    /// <param name="builder">The pipeline.</param>
    /// <returns>The pipeline.</returns>
    public static ChatClientBuilder UseTranscriptRepair(this ChatClientBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Use(static inner => new TranscriptRepairChatClient(inner));
    }
}

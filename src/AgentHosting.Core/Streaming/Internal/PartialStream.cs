using System.Text;
using AgentHosting.Failures;
using Microsoft.Extensions.AI;

namespace AgentHosting.Streaming.Internal;

/// <summary>Keeps what an interrupted stream had said.</summary>
internal sealed class PartialStream
{
    private StringBuilder? _text;
    private UsageDetails? _usage;

    public void Add(ChatResponseUpdate update)
    {
        var contents = update.Contents;
        for (var i = 0; i < contents.Count; i++)
        {
            switch (contents[i])
            {
                case TextContent { Text: { Length: > 0 } text }:
                    (_text ??= new StringBuilder()).Append(text);
                    break;
                case UsageContent usage:
                    (_usage ??= new UsageDetails()).Add(usage.Details);
                    break;
                default:
                    break;
            }
        }
    }

    public StreamInterruptedException Interrupted(string message, Exception? cause) => new(message, cause)
    {
        PartialText = _text?.ToString() ?? string.Empty,
        PartialUsage = _usage,
    };
}

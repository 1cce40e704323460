namespace AgentHosting.Testing.Internal;

/// <summary>A request that OpenAI would refuse, and how it would say so.</summary>
internal sealed class WireFormatException(string message, string? param, string? code = null) : Exception(message)
{
    public WireError ToError() => new(400, Message, code, param);
}

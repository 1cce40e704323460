namespace AgentHosting.Failures.Internal;

/// <summary>The official clients whose exceptions are read.</summary>
internal enum ExceptionSource
{
    Other,

    /// <summary>OpenAI, Azure.AI.OpenAI and others on System.ClientModel.</summary>
    ClientModel,

    /// <summary>Clients on Azure.Core.</summary>
    Azure,

    /// <summary>An HTTP status from Anthropic.</summary>
    AnthropicApi,

    /// <summary>An error event in a stream from Anthropic, which has no status of its own.</summary>
    AnthropicStream,
}

using Microsoft.Extensions.AI;

namespace AgentHosting.ResponseCaching.Internal;

/// <summary>
/// What is left out of the key, and why. Everything else that a request can say is in it; a test over all public properties keeps the two lists complete.
/// </summary>
internal static class KeyDenyList
{
    /// <summary>Properties that do not enter the key.</summary>
    public static IReadOnlyDictionary<string, string> Properties { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["ChatMessage.MessageId"] = "A label that clients give anew with each request; models do not see it.",
        ["ChatMessage.CreatedAt"] = "When the message was made; models do not see it.",
        ["ChatMessage.Text"] = "Computed from the contents.",
        ["DataContent.Uri"] = "Computed from the data and its media type.",
        ["DataContent.Base64Data"] = "Computed from the data.",
        ["HostedFileContent.CreatedAt"] = "When the file was uploaded; its id says which it is.",
        ["FunctionCallContent.InformationalOnly"] = "Tells the local tool loop whether to run the call; models do not see it.",
        ["FunctionCallContent.Exception"] = "Why the local reader failed on the arguments; models see the arguments.",
        ["FunctionResultContent.Exception"] = "For the local caller; models see the result.",
    };

    /// <summary>Properties that, when set, keep a request out of the cache: what they change cannot be told from outside.</summary>
    public static IReadOnlyDictionary<string, string> Bypassing { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["ChatOptions.ConversationId"] = "The provider adds a history of its own.",
        ["ChatOptions.ContinuationToken"] = "The call goes on with an answer that was begun.",
        ["ChatOptions.AllowBackgroundResponses"] = "The answer may be a promise of one. Only true bypasses; false is in the key.",
        ["ChatOptions.RawRepresentationFactory"] = "Code that may change anything in the request.",
        ["ChatMessage.RawRepresentation"] = "Providers send it in place of the message. On an assistant's message it mirrors what the key covers, and is left out.",
        ["AIContent.RawRepresentation"] = "Providers send it in place of the content. On an assistant's message it mirrors what the key covers, and is left out.",
    };

    /// <summary>Content types that keep a request out of the cache.</summary>
    /// <remarks>
    /// Traces of tools that the provider runs and of approvals: their answers depend on more than the request. Usage is no input of a model.
    /// A bare <see cref="AIContent"/> holds nothing but what only a provider can read. A type that is in neither list, one of the application for
    /// example, bypasses too.
    /// </remarks>
    public static IReadOnlySet<Type> BypassingContents { get; } = new HashSet<Type>
    {
        typeof(AIContent),
        typeof(ToolCallContent),
        typeof(ToolResultContent),
        typeof(CodeInterpreterToolCallContent),
        typeof(CodeInterpreterToolResultContent),
        typeof(ImageGenerationToolCallContent),
        typeof(ImageGenerationToolResultContent),
        typeof(InputRequestContent),
        typeof(InputResponseContent),
        typeof(McpServerToolCallContent),
        typeof(McpServerToolResultContent),
        typeof(ToolApprovalRequestContent),
        typeof(ToolApprovalResponseContent),
        typeof(UsageContent),
        typeof(WebSearchToolCallContent),
        typeof(WebSearchToolResultContent),
    };

    /// <summary>Content types that the key covers.</summary>
    public static IReadOnlySet<Type> Contents { get; } = new HashSet<Type>
    {
        typeof(TextContent),
        typeof(TextReasoningContent),
        typeof(DataContent),
        typeof(UriContent),
        typeof(ErrorContent),
        typeof(FunctionCallContent),
        typeof(FunctionResultContent),
        typeof(HostedFileContent),
        typeof(HostedVectorStoreContent),
    };

    /// <summary>Keys of additional properties that are ours: they direct stages and never reach a model.</summary>
    public const string ReservedPrefix = ReservedProperties.Prefix;
}

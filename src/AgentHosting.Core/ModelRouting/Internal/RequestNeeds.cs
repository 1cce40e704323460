using AgentHosting.Models;
using AgentHosting.Pricing;
using Microsoft.Extensions.AI;

namespace AgentHosting.ModelRouting.Internal;

/// <summary>What a request asks of a model.</summary>
internal readonly struct RequestNeeds
{
    private readonly long _tokens;
    private readonly bool _tools;
    private readonly bool _schema;
    private readonly bool _images;
    private readonly bool _audio;

    private RequestNeeds(long tokens, bool tools, bool schema, bool images, bool audio)
    {
        _tokens = tokens;
        _tools = tools;
        _schema = schema;
        _images = images;
        _audio = audio;
    }

    /// <summary>Whether there is anything to check for a model.</summary>
    public static bool AreLimitedBy(ModelOptions model) =>
        model.ContextWindow is not null || !(model is { SupportsTools: true, SupportsJsonSchema: true, SupportsImages: true, SupportsAudio: true });

    public static RequestNeeds Of(IReadOnlyList<ChatMessage> messages, ChatOptions? options, ITokenCounter counter)
    {
        var images = false;
        var audio = false;
        for (var i = 0; i < messages.Count; i++)
        {
            var contents = messages[i].Contents;
            for (var k = 0; k < contents.Count; k++)
            {
                images |= IsOfType(contents[k], "image");
                audio |= IsOfType(contents[k], "audio");
            }
        }

        return new RequestNeeds(
            counter.CountInput(messages, options) + (options?.MaxOutputTokens ?? 0),
            options?.Tools is { Count: > 0 },
            options?.ResponseFormat is ChatResponseFormatJson { Schema: not null },
            images,
            audio);
    }

    /// <summary>Whether a model can take the request. One that nothing is known of is taken to.</summary>
    public bool AreMetBy(ModelOptions? model) => AreSupportedBy(model) && (model?.ContextWindow is not { } window || _tokens <= window);

    /// <summary>Whether a model can do what the request asks for, its length aside.</summary>
    public bool AreSupportedBy(ModelOptions? model) =>
        model is null
        || ((model.SupportsTools || !_tools) && (model.SupportsJsonSchema || !_schema) && (model.SupportsImages || !_images) && (model.SupportsAudio || !_audio));

    private static bool IsOfType(AIContent content, string type) => content switch
    {
        DataContent data => data.HasTopLevelMediaType(type),
        UriContent uri => uri.HasTopLevelMediaType(type),
        _ => false,
    };
}

using System.Collections.Concurrent;

namespace AgentHosting.Failures.Internal;

/// <summary>Tells by name which official client an exception comes from, so that Core references none of them.</summary>
internal static class ExceptionTypes
{
    private static readonly ConcurrentDictionary<Type, ExceptionSource> Known = new();

    public static ExceptionSource SourceOf(Exception exception) => Known.GetOrAdd(exception.GetType(), static type => Find(type));

    private static ExceptionSource Find(Type type)
    {
        for (var candidate = type; candidate is not null && candidate != typeof(Exception); candidate = candidate.BaseType)
        {
            // The name of the assembly is part of it: the accessors read the members of exactly these types.
            var source = (candidate.FullName, candidate.Assembly.GetName().Name) switch
            {
                ("System.ClientModel.ClientResultException", "System.ClientModel") => ExceptionSource.ClientModel,
                ("Azure.RequestFailedException", "Azure.Core") => ExceptionSource.Azure,
                ("Anthropic.Exceptions.AnthropicApiException", "Anthropic") => ExceptionSource.AnthropicApi,
                ("Anthropic.Exceptions.AnthropicSseException", "Anthropic") => ExceptionSource.AnthropicStream,
                _ => ExceptionSource.Other,
            };
            if (source != ExceptionSource.Other)
            {
                return source;
            }
        }

        return ExceptionSource.Other;
    }
}

using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.RegularExpressions;
using Json.Schema;

namespace AgentHosting.ToolValidation.Internal;

/// <summary>The schema of a tool's arguments, parsed once.</summary>
internal sealed class ToolSchema
{
    // Schemas of servers that come and go must not pile up.
    private const int MaxCached = 1024;

    private static readonly ConcurrentDictionary<string, ToolSchema> _cache = new(StringComparer.Ordinal);
    private static readonly EvaluationOptions _evaluation = new() { OutputFormat = OutputFormat.List };
    private readonly JsonElement _source;
    private readonly JsonSchema? _schema;
    private readonly bool _isClosed;

    private ToolSchema(JsonElement source, string hash)
    {
        _source = source;
        Hash = hash;
        _isClosed = ListsAllArguments(source);
        try
        {
            // A registry of its own: two tools may give their schemas the same $id. It fetches nothing from the network.
            _schema = source.ValueKind is JsonValueKind.Object or JsonValueKind.False
                ? JsonSchema.Build(source, BoundedSchema.Options())
                : null;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            Failure = exception;
        }
    }

    /// <summary>The SHA-256 of the schema.</summary>
    public string Hash { get; }

    /// <summary>Why the schema cannot be used; nothing can be checked against it then.</summary>
    public Exception? Failure { get; }

    public static ToolSchema Of(JsonElement source)
    {
        var hash = CanonicalJson.Hash(source.ValueKind == JsonValueKind.Undefined ? "true"u8 : CanonicalJson.Of(source));
        if (_cache.TryGetValue(hash, out var found))
        {
            return found;
        }

        if (_cache.Count >= MaxCached)
        {
            _cache.Clear();
        }

        return _cache.GetOrAdd(hash, new ToolSchema(source.ValueKind == JsonValueKind.Undefined ? source : source.Clone(), hash));
    }

    /// <returns>What is wrong with the arguments, or <see langword="null"/>.</returns>
    public string? Check(JsonElement arguments, bool rejectUnknown)
    {
        try
        {
            BoundedSchema.Begin();
            if (_schema is not null && _schema.Evaluate(arguments, _evaluation) is { IsValid: false } results)
            {
                return SchemaErrors.Describe(results, _source, arguments);
            }
        }
        catch (RegexMatchTimeoutException)
        {
            return "the arguments hold a text or a name for which it takes too long to find out whether it is allowed. Write it shorter.";
        }
        catch (InsufficientExecutionStackException exception)
        {
            throw new ToolSchemaException(exception);
        }
        catch (SchemaStepsException)
        {
            return "it takes too long to find out whether the arguments are allowed. Send less, and flatter.";
        }
        catch (Exception exception) when (exception is JsonSchemaException or RefResolutionException)
        {
            throw new ToolSchemaException(exception);
        }
        catch (Exception exception) when (exception is InvalidOperationException or FormatException or OverflowException or ArgumentException)
        {
            // Half a surrogate pair is JSON and no text; a number may be beyond every type.
            return "the arguments hold a text or a number that cannot be read. Correct it.";
        }

        if (rejectUnknown && _isClosed)
        {
            foreach (var property in arguments.EnumerateObject())
            {
                if (!_source.GetProperty("properties"u8).TryGetProperty(property.Name, out _))
                {
                    return $"{SafeName.Of(property.Name)} is no argument of this tool. {SchemaErrors.Known(_source)}";
                }
            }
        }

        return null;
    }

    private static bool ListsAllArguments(JsonElement source) =>
        source.ValueKind == JsonValueKind.Object
        && source.TryGetProperty("properties"u8, out var properties) && properties.ValueKind == JsonValueKind.Object
        && !((string[])["additionalProperties", "patternProperties", "unevaluatedProperties", "propertyNames", "$ref", "$dynamicRef", "allOf", "anyOf", "oneOf", "if", "dependentSchemas"])
            .Any(keyword => source.TryGetProperty(keyword, out _));
}

using Microsoft.Extensions.AI;

namespace AgentHosting.ResponseCaching.Internal;

internal static partial class RequestKeyBuilder
{
    private static string? TryWriteOptions(KeyWriter writer, ChatOptions options)
    {
        // An exact type: a derived one may hold more than is written here.
        if (options.GetType() != typeof(ChatOptions))
        {
            return $"the options are {options.GetType().Name}";
        }

        if (options.ConversationId is not null)
        {
            return "the provider keeps the conversation";
        }

        if (options.ContinuationToken is not null || options.AllowBackgroundResponses == true)
        {
            return "the answer may be made in the background";
        }

        if (options.RawRepresentationFactory is not null)
        {
            return "the options have a raw representation";
        }

        writer.Bool(options.AllowBackgroundResponses);
        writer.Text(options.Instructions);
        writer.Float(options.Temperature);
        writer.Int64(options.MaxOutputTokens);
        writer.Float(options.TopP);
        writer.Int64(options.TopK);
        writer.Float(options.FrequencyPenalty);
        writer.Float(options.PresencePenalty);
        writer.Int64(options.Seed);
        writer.Bool(options.AllowMultipleToolCalls);
        Reasoning(writer, options.Reasoning);
        StopSequences(writer, options.StopSequences);
        if (!TryWriteFormat(writer, options.ResponseFormat))
        {
            return "the response format cannot be compared";
        }

        if (!TryWriteToolMode(writer, options.ToolMode))
        {
            return "the tool mode cannot be compared";
        }

        if (!TryWriteProperties(writer, options.AdditionalProperties))
        {
            return "the options have an additional property that cannot be compared";
        }

        return TryWriteTools(writer, options.Tools);
    }

    private static void Reasoning(KeyWriter writer, ReasoningOptions? reasoning)
    {
        writer.Bool(reasoning is null ? null : true);
        writer.Int64((long?)reasoning?.Effort);
        writer.Int64((long?)reasoning?.Output);
    }

    private static void StopSequences(KeyWriter writer, IList<string>? sequences)
    {
        writer.Int64(sequences?.Count ?? 0);
        for (var i = 0; i < (sequences?.Count ?? 0); i++)
        {
            writer.Text(sequences![i]);
        }
    }

    private static bool TryWriteFormat(KeyWriter writer, ChatResponseFormat? format)
    {
        switch (format)
        {
            case null:
                writer.Tag('0');
                return true;
            case ChatResponseFormatText:
                writer.Tag('t');
                return true;
            case ChatResponseFormatJson json:
                writer.Tag('j');
                writer.Text(json.SchemaName);
                writer.Text(json.SchemaDescription);
                writer.Bool(json.Schema.HasValue);
                return json.Schema is not { } schema || ToolSchemaKeys.TryWrite(writer, json, schema);
            default:
                return false;
        }
    }

    private static bool TryWriteToolMode(KeyWriter writer, ChatToolMode? mode)
    {
        switch (mode)
        {
            case null:
                writer.Tag('0');
                return true;
            case NoneChatToolMode:
                writer.Tag('n');
                return true;
            case AutoChatToolMode:
                writer.Tag('a');
                return true;
            case RequiredChatToolMode required:
                writer.Tag('r');
                writer.Text(required.RequiredFunctionName);
                return true;
            default:
                return false;
        }
    }

    private static string? TryWriteTools(KeyWriter writer, IList<AITool>? tools)
    {
        writer.Int64(tools?.Count ?? 0);
        for (var i = 0; i < (tools?.Count ?? 0); i++)
        {
            // A tool that the provider runs (search, code) reads a world that the key cannot cover.
            if (tools![i] is not AIFunctionDeclaration function)
            {
                return $"the tool '{tools[i].Name}' is run by the provider";
            }

            writer.Text(function.Name);
            writer.Text(function.Description);
            if (!ToolSchemaKeys.TryWrite(writer, function, function.JsonSchema)
                || !TryWriteReturnSchema(writer, function)
                || !KeyValueWriter.TryWriteProperties(writer, function.AdditionalProperties, function.AdditionalProperties.Count))
            {
                return $"the tool '{function.Name}' has a property that cannot be compared";
            }
        }

        return null;
    }

    private static bool TryWriteReturnSchema(KeyWriter writer, AIFunctionDeclaration function)
    {
        if (function.ReturnJsonSchema is not { } schema)
        {
            writer.Tag('0');
            return true;
        }

        return KeyValueWriter.TryWriteJson(writer, schema);
    }
}

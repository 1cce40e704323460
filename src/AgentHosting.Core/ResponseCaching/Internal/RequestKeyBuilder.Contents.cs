using System.Security.Cryptography;
using Microsoft.Extensions.AI;

namespace AgentHosting.ResponseCaching.Internal;

internal static partial class RequestKeyBuilder
{
    private static string? TryWriteContent(KeyWriter writer, AIContent content)
    {
        // Exact types: a class derived from one of these may hold more than is written here.
        var type = content.GetType();
        if (type == typeof(TextContent))
        {
            writer.Tag('x');
            writer.Text(((TextContent)content).Text);
        }
        else if (!KeyDenyList.Contents.Contains(type))
        {
            return $"it holds a {type.Name}";
        }
        else if (!TryWriteOther(writer, content))
        {
            return $"a value in a {type.Name} cannot be compared";
        }

        if (!TryWriteProperties(writer, content.AdditionalProperties))
        {
            return "a content has an additional property that cannot be compared";
        }

        return TryWriteAnnotations(writer, content.Annotations) ? null : "an annotation cannot be compared";
    }

    private static bool TryWriteOther(KeyWriter writer, AIContent content)
    {
        switch (content)
        {
            case TextReasoningContent reasoning:
                writer.Tag('r');
                writer.Text(reasoning.Text);
                writer.Text(reasoning.ProtectedData);
                return true;
            case DataContent data:
                writer.Tag('d');
                writer.Text(data.MediaType);
                writer.Text(data.Name);
                Digest(writer, data.Data.Span);
                return true;
            case UriContent uri:
                writer.Tag('u');
                writer.Text(uri.Uri.OriginalString);
                writer.Text(uri.MediaType);
                return true;
            case ErrorContent error:
                writer.Tag('e');
                writer.Text(error.Message);
                writer.Text(error.ErrorCode);
                writer.Text(error.Details);
                return true;
            case FunctionCallContent call:
                writer.Tag('c');
                writer.Text(call.CallId);
                writer.Text(call.Name);
                return KeyValueWriter.TryWrite(writer, call.Arguments, asJson: true);
            case FunctionResultContent result:
                writer.Tag('t');
                writer.Text(result.CallId);
                return KeyValueWriter.TryWrite(writer, result.Result, asJson: true);
            case HostedFileContent file:
                writer.Tag('f');
                writer.Text(file.FileId);
                writer.Text(file.MediaType);
                writer.Text(file.Name);
                writer.Int64(file.SizeInBytes);
#pragma warning disable MEAI001 // Experimental, but part of what a caller can say; nothing of it is exposed.
                writer.Text(file.Purpose);
                writer.Text(file.Scope);
#pragma warning restore MEAI001
                return true;
            case HostedVectorStoreContent store:
                writer.Tag('v');
                writer.Text(store.VectorStoreId);
                return true;
            default:
                return false;
        }
    }

    // Images are large: their digest tells them apart as well as they do themselves.
    private static void Digest(KeyWriter writer, ReadOnlySpan<byte> data)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(data, digest);
        writer.Bytes(digest);
    }

    private static bool TryWriteAnnotations(KeyWriter writer, IList<AIAnnotation>? annotations)
    {
        if (annotations is not { Count: > 0 })
        {
            writer.Tag('0');
            return true;
        }

        writer.Int64(annotations.Count);
        foreach (var annotation in annotations)
        {
            if (!TryWriteAnnotation(writer, annotation))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryWriteAnnotation(KeyWriter writer, AIAnnotation annotation)
    {
        if (annotation.GetType() == typeof(CitationAnnotation))
        {
            var citation = (CitationAnnotation)annotation;
            writer.Tag('c');
            writer.Text(citation.Title);
            writer.Text(citation.Url?.OriginalString);
            writer.Text(citation.FileId);
            writer.Text(citation.ToolName);
            writer.Text(citation.Snippet);
        }
        else if (annotation.GetType() == typeof(AIAnnotation))
        {
            writer.Tag('a');
        }
        else
        {
            return false;
        }

        var regions = annotation.AnnotatedRegions;
        writer.Int64(regions?.Count ?? 0);
        foreach (var region in regions ?? [])
        {
            if (region is not TextSpanAnnotatedRegion span)
            {
                return false;
            }

            writer.Int64(span.StartIndex);
            writer.Int64(span.EndIndex);
        }

        return TryWriteProperties(writer, annotation.AdditionalProperties);
    }
}

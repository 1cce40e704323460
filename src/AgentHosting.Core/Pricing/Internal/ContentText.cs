using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AgentHosting.Pricing.Internal;

/// <summary>The text that is sent for a value or an attached file, as far as it can be told.</summary>
internal static class ContentText
{
    /// <summary>The text of an attached file that is one; <see langword="null"/> for any other.</summary>
    public static string? Of(DataContent data) => IsText(data) ? Encoding.UTF8.GetString(data.Data.Span) : null;

    /// <summary>The text of an argument or a result: objects are sent as JSON.</summary>
    /// <param name="value">The value.</param>
    /// <param name="text">The text; where the JSON is not to be had, what the value calls itself.</param>
    /// <returns>Whether that is what is sent.</returns>
    public static bool TryGet(object? value, out string? text)
    {
        if (value is null or string or JsonElement or IFormattable or bool)
        {
            text = value?.ToString();
            return true;
        }

        try
        {
            if (AIJsonUtilities.DefaultOptions.TryGetTypeInfo(value.GetType(), out var type))
            {
                text = JsonSerializer.Serialize(value, type);
                return true;
            }
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException or InvalidOperationException)
        {
            // A value that cannot be written; whoever sends it will say so.
        }

        text = value.ToString();
        return false;
    }

    private static bool IsText(DataContent data) =>
        data.HasTopLevelMediaType("text")
        || data.MediaType.EndsWith("json", StringComparison.OrdinalIgnoreCase)
        || data.MediaType.EndsWith("xml", StringComparison.OrdinalIgnoreCase)
        || data.MediaType.EndsWith("yaml", StringComparison.OrdinalIgnoreCase)
        || data.MediaType.EndsWith("javascript", StringComparison.OrdinalIgnoreCase);
}

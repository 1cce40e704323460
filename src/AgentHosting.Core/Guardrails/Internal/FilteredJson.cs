using System.Text.Json;
using System.Text.Json.Nodes;

namespace AgentHosting.Guardrails.Internal;

/// <summary>Reads JSON in which two names may have become one, which <see cref="JsonObject"/> does not take.</summary>
internal static class FilteredJson
{
    public static JsonNode? ToNode(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                var result = new JsonObject();
                foreach (var property in element.EnumerateObject())
                {
                    var name = property.Name;
                    for (var i = 2; result.ContainsKey(name); i++)
                    {
                        name = NameOf(property.Name, i);
                    }

                    result.Add(name, ToNode(property.Value));
                }

                return result;
            case JsonValueKind.Array:
                return new JsonArray([.. element.EnumerateArray().Select(ToNode)]);
            case JsonValueKind.Null:
                return null;
            default:
                return JsonValue.Create(element);
        }
    }

    /// <summary>The name of the second and later ones.</summary>
    public static string NameOf(string name, int number) => $"{name} ({number})";
}

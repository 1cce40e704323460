using System.Text.Json;

namespace AgentHosting.AspNetCore.Tests;

/// <summary>A server-sent event as it stands on the wire.</summary>
internal sealed record Sse(long Id, string Type, JsonElement Data)
{
    public static Sse Parse(string block)
    {
        var lines = block.Split('\n');
        Assert.Equal(3, lines.Length);
        Assert.StartsWith("id: ", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("event: ", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("data: ", lines[2], StringComparison.Ordinal);
        var data = JsonDocument.Parse(lines[2]["data: ".Length..]).RootElement;
        Assert.Equal(lines[1]["event: ".Length..], data.GetProperty("type").GetString());
        Assert.DoesNotContain(data.EnumerateObject(), property => property.Value.ValueKind == JsonValueKind.Null);
        return new Sse(long.Parse(lines[0]["id: ".Length..], System.Globalization.CultureInfo.InvariantCulture), lines[1]["event: ".Length..], data);
    }

    public static async Task<List<Sse>> ReadAllAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return [.. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Where(block => !block.StartsWith(':')).Select(Parse)];
    }

    /// <summary>Reads blocks one by one, comments included.</summary>
    public static async Task<string?> ReadBlockAsync(StreamReader reader)
    {
        var block = "";
        while (await reader.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (line.Length == 0)
            {
                return block;
            }

            block = block.Length == 0 ? line : block + "\n" + line;
        }

        return null;
    }
}

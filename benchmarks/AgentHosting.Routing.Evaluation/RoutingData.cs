using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AgentHosting.Routing.Evaluation;

/// <summary>Reads and writes samples: JSON lines with the fields <c>p</c> (prompt), <c>d</c> (subject), <c>weak</c> and <c>strong</c> (how well that model answered, from 0 to 1), plain or gzip.</summary>
public static class RoutingData
{
    /// <summary>Reads a file.</summary>
    /// <param name="path">The file; gzip is told by its first two bytes, whatever the name.</param>
    /// <returns>The samples in their order.</returns>
    /// <exception cref="InvalidDataException">The file holds no sample, or a line is not one; the message names it.</exception>
    public static IReadOnlyList<RoutingSample> Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        using var file = File.OpenRead(path);
        using var content = IsGzip(file) ? new GZipStream(file, CompressionMode.Decompress) : (Stream)file;
        using var reader = new StreamReader(content);
        RoutingSample[] samples = [.. JsonLines.Read(path, reader, Sample)];
        return samples.Length > 0 ? samples : throw new InvalidDataException($"{path} holds no sample. Give a file of JSON lines with the fields p, d, weak and strong.");
    }

    /// <summary>Writes a file, with gzip.</summary>
    /// <param name="path">The file; an older one is replaced.</param>
    /// <param name="samples">The samples.</param>
    public static void Write(string path, IReadOnlyList<RoutingSample> samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        using var content = new GZipStream(File.Create(path), CompressionLevel.Optimal);
        foreach (var sample in samples)
        {
            var row = new JsonObject { ["p"] = sample.Prompt, ["d"] = sample.Subject, ["weak"] = sample.Weak, ["strong"] = sample.Strong };
            content.Write(Encoding.UTF8.GetBytes(row.ToJsonString() + "\n"));
        }
    }

    private static bool IsGzip(FileStream file)
    {
        var isGzip = file.ReadByte() == 0x1f && file.ReadByte() == 0x8b;
        file.Position = 0;
        return isGzip;
    }

    private static RoutingSample Sample(JsonElement row) => new()
    {
        Prompt = Text(row, "p"),
        Subject = Text(row, "d"),
        Weak = row.GetProperty("weak").GetDouble(),
        Strong = row.GetProperty("strong").GetDouble(),
    };

    private static string Text(JsonElement row, string field) =>
        row.GetProperty(field).GetString() ?? throw new FormatException($"'{field}' is null.");
}

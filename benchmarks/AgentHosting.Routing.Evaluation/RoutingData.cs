using System.IO.Compression;
using System.Text.Json;

namespace AgentHosting.Routing.Evaluation;

/// <summary>Reads samples: JSON lines with the fields <c>p</c> (prompt), <c>d</c> (subject), <c>weak</c> and <c>strong</c> (0 or 1), plain or gzip.</summary>
public static class RoutingData
{
    /// <summary>Reads a file.</summary>
    /// <param name="path">The file; <c>.gz</c> is unpacked.</param>
    /// <returns>The samples in their order.</returns>
    /// <exception cref="InvalidDataException">The file holds no sample, or a line lacks a field.</exception>
    public static IReadOnlyList<RoutingSample> Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        using var file = File.OpenRead(path);
        using var content = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionMode.Decompress) : (Stream)file;
        using var reader = new StreamReader(content);
        var samples = new List<RoutingSample>();
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0)
            {
                samples.Add(Parse(line, samples.Count + 1));
            }
        }

        return samples.Count > 0 ? samples : throw new InvalidDataException($"{path} holds no sample. Give a file of JSON lines with the fields p, d, weak and strong.");
    }

    private static RoutingSample Parse(string line, int number)
    {
        using var json = JsonDocument.Parse(line);
        var row = json.RootElement;
        if (!row.TryGetProperty("p", out var prompt) || !row.TryGetProperty("d", out var subject)
            || !row.TryGetProperty("weak", out var weak) || !row.TryGetProperty("strong", out var strong))
        {
            throw new InvalidDataException($"Sample {number} lacks a field. Each line needs p, d, weak and strong.");
        }

        return new RoutingSample { Prompt = prompt.GetString()!, Subject = subject.GetString()!, Weak = weak.GetInt32() == 1, Strong = strong.GetInt32() == 1 };
    }
}

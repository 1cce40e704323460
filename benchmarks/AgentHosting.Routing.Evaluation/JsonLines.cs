using System.Text.Json;

namespace AgentHosting.Routing.Evaluation;

/// <summary>Reads JSON lines.</summary>
public static class JsonLines
{
    /// <summary>Reads each line that is not empty.</summary>
    /// <typeparam name="T">What a line stands for.</typeparam>
    /// <param name="file">What the file is called in errors.</param>
    /// <param name="reader">Its text.</param>
    /// <param name="read">Reads what is in a line. A field that is missing or of another kind may throw as <see cref="JsonElement"/> does.</param>
    /// <returns>What the lines stand for, in their order.</returns>
    /// <exception cref="InvalidDataException">A line is no JSON, or lacks something; the message names it.</exception>
    public static IEnumerable<T> Read<T>(string file, TextReader reader, Func<JsonElement, T> read)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(read);
        for (var number = 1; reader.ReadLine() is { } line; number++)
        {
            if (line.Length > 0)
            {
                yield return Parse(file, number, line, read);
            }
        }
    }

    private static T Parse<T>(string file, int number, string line, Func<JsonElement, T> read)
    {
        try
        {
            return read(JsonElement.Parse(line));
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{file}, line {number}, is no JSON: {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"{file}, line {number}, lacks a field or has one of the wrong kind: {exception.Message}", exception);
        }
    }
}

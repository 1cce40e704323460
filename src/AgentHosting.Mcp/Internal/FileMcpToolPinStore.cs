using System.Text.Json;

namespace AgentHosting.Mcp.Internal;

/// <summary>
/// Keeps pins in a JSON file: <c>{"v":1,"servers":{"NAME":{"TOOL":"sha256:..."}}}</c>. The file is read anew before each change and replaced as a whole, so an
/// operator may edit it while the host runs. A file that cannot be read stops the use of tools: without it no change would be seen.
/// </summary>
internal sealed class FileMcpToolPinStore(string path) : IMcpToolPinStore, IDisposable
{
    private const int Version = 1;
    private readonly SemaphoreSlim _turn = new(1, 1);

    public async ValueTask<string> GetOrAddAsync(string server, string tool, string fingerprint, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var pins = Read();
            if (pins.TryGetValue(server, out var tools) && tools.TryGetValue(tool, out var pinned))
            {
                return pinned;
            }

            Write(pins, server, tool, fingerprint);
            return fingerprint;
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask SetAsync(string server, string tool, string fingerprint, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            Write(Read(), server, tool, fingerprint);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private SortedDictionary<string, SortedDictionary<string, string>> Read()
    {
        var pins = new SortedDictionary<string, SortedDictionary<string, string>>(StringComparer.Ordinal);
        if (!File.Exists(path))
        {
            return pins;
        }

        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            var root = document.RootElement;
            if (root.GetProperty("v").GetInt32() != Version)
            {
                throw new InvalidDataException($"Its version is {root.GetProperty("v").GetInt32()}; this host reads version {Version}.");
            }

            foreach (var server in root.GetProperty("servers").EnumerateObject())
            {
                var tools = new SortedDictionary<string, string>(StringComparer.Ordinal);
                foreach (var tool in server.Value.EnumerateObject())
                {
                    tools[tool.Name] = tool.Value.GetString() ?? "";
                }

                pins[server.Name] = tools;
            }

            return pins;
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or InvalidDataException or FormatException)
        {
            throw new InvalidOperationException($"The pin file '{path}' cannot be read. {exception.Message} Correct it, or remove it to pin all tools anew.", exception);
        }
    }

    private void Write(SortedDictionary<string, SortedDictionary<string, string>> pins, string server, string tool, string fingerprint)
    {
        if (!pins.TryGetValue(server, out var tools))
        {
            pins[server] = tools = new SortedDictionary<string, string>(StringComparer.Ordinal);
        }

        tools[tool] = fingerprint;
        var temporary = $"{path}.{Environment.ProcessId}.tmp";
        using (var stream = File.Create(temporary))
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            writer.WriteNumber("v", Version);
            writer.WriteStartObject("servers");
            foreach (var (name, entries) in pins)
            {
                writer.WriteStartObject(name);
                foreach (var (key, value) in entries)
                {
                    writer.WriteString(key, value);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        File.Move(temporary, path, overwrite: true);
    }
}

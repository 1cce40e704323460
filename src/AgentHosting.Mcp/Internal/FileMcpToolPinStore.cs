using System.Text.Json;

namespace AgentHosting.Mcp.Internal;

/// <summary>
/// Keeps pins in a JSON file: <c>{"v":1,"servers":{"NAME":{"TOOL":"sha256:..."}}}</c>. The file is read anew before each change and replaced as a whole, so an
/// operator may edit it while the host runs; a file beside it is the lock of all processes that share it. A file that cannot be read stops the use of tools:
/// without it no change would be seen.
/// </summary>
internal sealed class FileMcpToolPinStore(string path) : IMcpToolPinStore, IDisposable
{
    private const int Version = 1;
    private static readonly TimeSpan LockPoll = TimeSpan.FromMilliseconds(10);
    private readonly SemaphoreSlim _turn = new(1, 1);

    public async ValueTask<string> GetOrAddAsync(string server, string tool, string fingerprint, CancellationToken cancellationToken)
    {
        // The file is replaced in one step, so reading needs no lock, and a file that may not be written serves as long as all is pinned.
        if (Find(Read(), server, tool) is { } known)
        {
            return known;
        }

        using var turn = await LockAsync(cancellationToken);
        var pins = Read();
        if (Find(pins, server, tool) is { } pinned)
        {
            return pinned;
        }

        Write(pins, server, tool, fingerprint);
        return fingerprint;
    }

    public async ValueTask SetAsync(string server, string tool, string fingerprint, CancellationToken cancellationToken)
    {
        using var turn = await LockAsync(cancellationToken);
        Write(Read(), server, tool, fingerprint);
    }

    public void Dispose() => _turn.Dispose();

    private static string? Find(SortedDictionary<string, SortedDictionary<string, string>> pins, string server, string tool) =>
        pins.TryGetValue(server, out var tools) ? tools.GetValueOrDefault(tool) : null;

    // The lock file stays: whoever removed it could take it away from one who has just opened it.
    private async ValueTask<IDisposable> LockAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            while (true)
            {
                try
                {
                    return new Turn(new FileStream($"{path}.lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None), _turn);
                }
                catch (IOException exception) when (exception is not (DirectoryNotFoundException or FileNotFoundException or PathTooLongException or DriveNotFoundException))
                {
                    // Another holds it, for as long as it takes to write a small file.
                    await Task.Delay(LockPoll, TimeProvider.System, cancellationToken);
                }
            }
        }
        catch
        {
            _turn.Release();
            throw;
        }
    }

    private SortedDictionary<string, SortedDictionary<string, string>> Read()
    {
        var pins = new SortedDictionary<string, SortedDictionary<string, string>>(StringComparer.Ordinal);
        if (!File.Exists(path))
        {
            return pins;
        }

        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var document = JsonDocument.Parse(stream);
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
        // Only the holder of the lock writes it. Process ids would not do: in containers they are all 1.
        var temporary = $"{path}.tmp";
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

    private sealed class Turn(FileStream file, SemaphoreSlim turn) : IDisposable
    {
        public void Dispose()
        {
            file.Dispose();
            turn.Release();
        }
    }
}

using System.Globalization;
using System.Text.Json;

namespace AgentHosting.Load.Crashes.Oracle;

/// <summary>The file of calls: each is on the disk before it is answered.</summary>
internal sealed class OracleLog(string path) : IDisposable
{
    private readonly FileStream _file = new(path, FileMode.Append, FileAccess.Write, FileShare.Read);
    private readonly Lock _lock = new();

    public static IReadOnlyList<OracleCall> Read(string path)
    {
        OracleCall[] entries = [.. File.ReadLines(path).Select(static line => JsonSerializer.Deserialize(line, OracleJson.Default.OracleCall)!)];
        var givenUp = entries.Where(static entry => entry.Name == OracleCall.GivenUp).ToLookup(static entry => (entry.Run, entry.Step, entry.Attempt, entry.Worker));
        return [.. entries.Where(static entry => entry.Name != OracleCall.GivenUp).Select(call => call with { Stopped = givenUp[(call.Run, call.Step, call.Attempt, call.Worker)].FirstOrDefault()?.Time })];
    }

    /// <param name="name">The tool, or the word for a model call.</param>
    /// <param name="mark">Run, step, attempt and process, as <see cref="Mark"/> writes them.</param>
    /// <param name="took">How long the answer takes.</param>
    public void Add(string name, string mark, TimeSpan took = default)
    {
        var parts = mark.Split('|');
        lock (_lock)
        {
            var at = (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
            var call = new OracleCall(at, name, parts[0], parts[1], int.Parse(parts[2], CultureInfo.InvariantCulture), int.Parse(parts[3], CultureInfo.InvariantCulture), took.TotalMilliseconds);
            _file.Write([.. JsonSerializer.SerializeToUtf8Bytes(call, OracleJson.Default.OracleCall), (byte)'\n']);
            _file.Flush(flushToDisk: true);
        }
    }

    public static string Mark(string run, string step, int attempt) =>
        string.Create(CultureInfo.InvariantCulture, $"{run}|{step}|{attempt}|{Environment.ProcessId}");

    public void Dispose() => _file.Dispose();
}

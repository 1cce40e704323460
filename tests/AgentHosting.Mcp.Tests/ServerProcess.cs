using System.Diagnostics;
using System.Globalization;

namespace AgentHosting.Mcp.Tests;

/// <summary>The processes that wrote their ids to a file, as the script before the server does.</summary>
internal sealed class ServerProcess : IDisposable
{
    public string PidFile { get; } = Path.Combine(Path.GetTempPath(), $"agenthosting-mcp-{Guid.NewGuid():N}.pid");

    public IReadOnlyList<int> Started => File.Exists(PidFile) ? [.. File.ReadAllLines(PidFile).Select(line => int.Parse(line, CultureInfo.InvariantCulture))] : [];

    public bool IsRunning
    {
        get
        {
            try
            {
                using var process = Process.GetProcessById(Started[^1]);
                return !process.HasExited;
            }
            catch (ArgumentException)
            {
                return false;
            }
        }
    }

    /// <summary>Ends the last one started, as a crash would, and waits until it is gone.</summary>
    public void Kill()
    {
        using var process = Process.GetProcessById(Started[^1]);
        process.Kill();
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(10)));
    }

    public void Dispose() => File.Delete(PidFile);
}

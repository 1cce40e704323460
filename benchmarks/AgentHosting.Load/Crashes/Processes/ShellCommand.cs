using System.Diagnostics;
using System.Globalization;

namespace AgentHosting.Load.Crashes.Processes;

/// <summary>Runs a line of shell, to its end.</summary>
internal static class ShellCommand
{
    public static async Task RunAsync(string line, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("sh") { RedirectStandardError = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(line);
        using var process = Process.Start(start) ?? throw new InvalidOperationException("sh did not start.");
        await process.WaitForExitAsync(cancellationToken);
    }

    /// <summary>Stops a process and lets it go on after a time, also when this one is gone meanwhile.</summary>
    public static Task PauseAsync(int processId, TimeSpan time, CancellationToken cancellationToken) =>
        RunAsync(string.Create(CultureInfo.InvariantCulture, $"kill -STOP {processId}; sleep {time.TotalSeconds:0.000}; kill -CONT {processId}"), cancellationToken);
}

using System.Diagnostics;
using System.Globalization;

namespace AgentHosting.Load.Crashes.Processes;

/// <summary>This program in another process. It ends with this object, and by itself when this process is gone: its standard input then ends.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    public const string Ready = "ready";
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private readonly Process _process;
    private readonly TextWriter _log;

    private ChildProcess(Process process, TextWriter log)
    {
        _process = process;
        _log = log;
        Id = process.Id;
    }

    public int Id { get; }

    /// <summary>What it said when it was ready.</summary>
    public string[] Words { get; private set; } = [];

    public bool HasExited => _process.HasExited;

    /// <summary>Starts it and waits until it says that it is ready.</summary>
    /// <param name="logPath">Where its log is added to.</param>
    /// <param name="arguments">The word on its command line, and its options.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="prepare">Changes how it is started.</param>
    public static async Task<ChildProcess> StartAsync(string logPath, IEnumerable<string> arguments, CancellationToken cancellationToken, Action<ProcessStartInfo>? prepare = null)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(typeof(ChildProcess).Assembly.Location);
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        prepare?.Invoke(start);
        var log = TextWriter.Synchronized(new StreamWriter(logPath, append: true) { AutoFlush = true });
        var process = Process.Start(start) ?? throw new InvalidOperationException("The process did not start.");
        var child = new ChildProcess(process, log);
        process.ErrorDataReceived += (_, line) => { if (line.Data is { } text) { log.WriteLine(text); } };
        process.BeginErrorReadLine();
        try
        {
            while (await process.StandardOutput.ReadLineAsync(cancellationToken).AsTask().WaitAsync(StartTimeout, TimeProvider.System, cancellationToken) is { } line)
            {
                if (line.StartsWith(Ready, StringComparison.Ordinal))
                {
                    child.Words = line.Split(' ')[1..];
                    return child;
                }
            }

            throw new InvalidOperationException($"A process ended before it was ready. Its log: {logPath}");
        }
        catch
        {
            await child.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until the process that started this one is gone.</summary>
    public static async Task WaitForParentAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[1];
        await using var input = Console.OpenStandardInput();
        while (await input.ReadAsync(buffer, cancellationToken) > 0)
        {
            // Nothing is said on it.
        }
    }

    /// <summary>Ends it as <c>kill -9</c> does.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Asks it to end, and waits.</summary>
    public async Task TerminateAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        await ShellCommand.RunAsync(string.Create(CultureInfo.InvariantCulture, $"kill -TERM {Id}"), cancellationToken);
        await _process.WaitForExitAsync(cancellationToken).WaitAsync(timeout, TimeProvider.System, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
        await _log.DisposeAsync();
    }
}

using System.ComponentModel;
using System.Diagnostics;

namespace AgentHosting.Mcp.Tests;

/// <summary>Node.js and npm, or an error that says how to get them. A test that needs them never skips.</summary>
internal static class NodeTools
{
    public static ProcessStartInfo Info(string program, params string[] arguments)
    {
        // npm is a script on Windows.
        var info = OperatingSystem.IsWindows() && program == "npm" ? new ProcessStartInfo("cmd", ["/c", "npm", .. arguments]) : new ProcessStartInfo(program, arguments);
        info.RedirectStandardOutput = true;
        info.RedirectStandardError = true;
        return info;
    }

    public static Process Start(ProcessStartInfo info)
    {
        try
        {
            return Process.Start(info)!;
        }
        catch (Win32Exception exception)
        {
            throw new InvalidOperationException(
                $"These tests use a real MCP server, which runs on Node.js 20 or later with npm, and '{info.FileName}' could not be started. "
                + "Install it: on Debian and Ubuntu 'apt-get install nodejs npm', on macOS 'brew install node', on Windows 'winget install OpenJS.NodeJS.LTS'. Then run the tests again.", exception);
        }
    }

    public static async Task RunAsync(ProcessStartInfo info)
    {
        using var process = Start(info);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"'{info.FileName} {string.Join(' ', info.ArgumentList)}' took longer than 3 minutes.");
        }

        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"'{info.FileName} {string.Join(' ', info.ArgumentList)}' ended with {process.ExitCode}. {await error}{await output}");
        }
    }
}

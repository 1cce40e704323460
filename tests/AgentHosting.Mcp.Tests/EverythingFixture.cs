using AgentHosting.Mcp.Tests;

[assembly: AssemblyFixture(typeof(EverythingFixture))]

namespace AgentHosting.Mcp.Tests;

/// <summary>Installs the npm package <c>@modelcontextprotocol/server-everything</c>, at the version of the lock file, below <c>artifacts</c>, once for each lock file.</summary>
public sealed class EverythingFixture
{
    private readonly Lazy<Task<string>> _script = new(InstallAsync);

    /// <summary>The script of the server. Only tests that ask for it need Node.js.</summary>
    public Task<string> ScriptAsync() => _script.Value;

    /// <summary>The script that writes the process id of the server to the file that <c>PID_FILE</c> names.</summary>
    public static string PidScript { get; } = Path.Combine(RepositoryRoot.Path, "tests", "AgentHosting.Mcp.Tests", "everything", "write-pid.cjs");

    private static async Task<string> InstallAsync()
    {
        var source = Path.Combine(RepositoryRoot.Path, "tests", "AgentHosting.Mcp.Tests", "everything");
        var folder = Path.Combine(RepositoryRoot.Path, "artifacts", "mcp-everything");
        var script = Path.Combine(folder, "node_modules", "@modelcontextprotocol", "server-everything", "dist", "index.js");
        var wanted = await File.ReadAllTextAsync(Path.Combine(source, "package-lock.json"));
        var stamp = Path.Combine(folder, "installed.json");
        if (File.Exists(script) && File.Exists(stamp) && await File.ReadAllTextAsync(stamp) == wanted)
        {
            return script;
        }

        Directory.CreateDirectory(folder);
        File.Copy(Path.Combine(source, "package.json"), Path.Combine(folder, "package.json"), overwrite: true);
        File.Copy(Path.Combine(source, "package-lock.json"), Path.Combine(folder, "package-lock.json"), overwrite: true);
        var install = NodeTools.Info("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund");
        install.WorkingDirectory = folder;
        await NodeTools.RunAsync(install);
        await File.WriteAllTextAsync(stamp, wanted);
        return script;
    }
}

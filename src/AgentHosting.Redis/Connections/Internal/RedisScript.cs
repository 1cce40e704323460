using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace AgentHosting.Redis.Connections.Internal;

/// <summary>A script of this package, with what it includes: a line <c>-- include NAME</c> stands for the whole of <c>NAME.lua</c>, once.</summary>
internal sealed partial class RedisScript
{
    private RedisScript(string name)
    {
        Name = name;
        var text = new StringBuilder();
        Append(text, name, []);
        Text = text.ToString();
        // Redis names scripts by this hash; it protects nothing.
#pragma warning disable CA5350
        Hash = SHA1.HashData(Encoding.UTF8.GetBytes(Text));
#pragma warning restore CA5350
    }

    public string Name { get; }

    public string Text { get; }

    public byte[] Hash { get; }

    /// <param name="name">The file's name, without <c>.lua</c>.</param>
    public static RedisScript Load(string name) => new(name);

    private static void Append(StringBuilder text, string name, HashSet<string> included)
    {
        if (!included.Add(name))
        {
            return;
        }

        using var stream = typeof(RedisScript).Assembly.GetManifestResourceStream($"{name}.lua")
            ?? throw new InvalidOperationException($"There is no script {name}.lua in the assembly.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        while (reader.ReadLine() is { } line)
        {
            if (Include().Match(line) is { Success: true } include)
            {
                Append(text, include.Groups[1].Value, included);
            }
            else if (line.Length > 0)
            {
                text.Append(line).Append('\n');
            }
        }
    }

    [GeneratedRegex("^-- include ([a-z-]+)$")]
    private static partial Regex Include();
}

namespace AgentHosting.Mcp.Internal;

/// <summary>The defaults of <see cref="McpServerOptions"/>.</summary>
internal static class McpDefaults
{
    public const int MaxTools = 128;
    public const int MaxResultCharacters = 100_000;
    public const int MaxAttachmentBytes = 4 * 1024 * 1024;
    public const int MaxAttachments = 64;
    public const int MaxListedTools = 10_000;
    public const int MaxListedPages = 200;
    public const int MaxDefinitionCharacters = 64 * 1024;
    public const int CircuitMinimumCalls = 5;
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(15);
    public static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(30);
    public static readonly TimeSpan RefreshInterval = TimeSpan.FromMinutes(5);
    public static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(2);
    public static readonly TimeSpan CircuitOpenDuration = TimeSpan.FromSeconds(30);
    public static readonly TimeSpan CircuitMaxOpenDuration = TimeSpan.FromMinutes(5);
    public static readonly TimeSpan CircuitWindow = TimeSpan.FromMinutes(1);
}

namespace AgentHosting.Mcp.Internal;

/// <summary>The ids of the log messages of this package. An id is never reused.</summary>
internal static class McpEventIds
{
    public const int Connected = 4000;
    public const int ConnectFailed = 4001;
    public const int SessionLost = 4002;
    public const int ToolsListed = 4003;
    public const int ListFailed = 4004;
    public const int ToolChanged = 4005;
    public const int ToolChangeAccepted = 4006;
    public const int ToolsLeftOut = 4007;
    public const int CallFailed = 4008;
    public const int CircuitOpened = 4009;
    public const int CircuitClosed = 4010;
    public const int ServerOutput = 4011;
    public const int CloseFailed = 4012;
    public const int CircuitStoreFailed = 4013;
    public const int ToolUnusable = 4014;
    public const int ListTooLong = 4015;
}

namespace AgentHosting.ModelRouting.Internal;

/// <summary>The vocabulary of reasons of the built-in policies.</summary>
internal static class RouteReasons
{
    public const string Simple = "simple";
    public const string Moderate = "moderate";
    public const string Complex = "complex";
    public const string NoSignal = "no_signal";
    public const string ToolTrouble = "tool_trouble";
    public const string JudgedSimple = "judged_simple";
    public const string JudgedComplex = "judged_complex";
    public const string Cheapest = "cheapest";
    public const string Weighted = "weighted";
    public const string Fastest = "fastest";
    public const string Pinned = "pinned";
    public const string Budget = "budget";
    public const string Escalated = "escalated";
}

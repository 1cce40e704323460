namespace AgentHosting.Runs.Internal;

/// <summary>Brings the context of an attempt into the attempt's scope.</summary>
internal sealed class AgentRunContextHolder
{
    private AgentRunContext? _context;

    public void Set(AgentRunContext context) => _context = context;

    public AgentRunContext GetContext() => _context ?? throw new InvalidOperationException(
        "AgentRunContext is available only in the services of a run: take it inside a tool, from the IServiceProvider that the tool is called with.");
}

using Microsoft.Extensions.AI;

namespace AgentHosting.ToolValidation.Internal;

/// <summary>For whom a tool is called, and where.</summary>
internal sealed class ToolCall
{
    public static ToolCall None { get; } = new();

    public AgentCallContext? Context { get; init; }

    public AgentIdentity? Identity { get; init; }

    /// <summary>The time limit of tools that declare none; <see langword="null"/> for that of the options.</summary>
    public TimeSpan? DefaultTimeout { get; init; }

    /// <summary>What the run or the request has called so far; <see langword="null"/> where nothing holds calls together.</summary>
    public ToolCallCounts? Counts { get; init; }

    /// <summary>Asks a person, and answers for a call that is put aside meanwhile; its <see langword="null"/> says that the call may be made. <see langword="null"/> where nobody can be asked.</summary>
    public ToolAsking? Ask { get; init; }

    /// <summary>Is asked right before a call is made, when nothing stands in its way and it waits for nothing any more; what it returns is what the call comes to without being made.</summary>
    public Func<ToolEntry, ToolArguments, ToolPolicyContext, ValueTask<ToolOutcome?>>? BeforeCall { get; init; }

    /// <summary>Is told, where it runs, of each time that the tool is invoked: several times where it is retried. What it returns is disposed when the tool first pauses.</summary>
    public Func<IDisposable>? OnInvoke { get; init; }

    /// <summary>Is told of the end of each call in a loop.</summary>
    public Action? AfterCall { get; init; }

    /// <summary>The request by which a person has approved exactly this call.</summary>
    public ToolApprovalRequest? Approval { get; init; }

    /// <summary>The same caller, for one step of a run.</summary>
    public ToolCall InStep(ToolAsking ask, Func<ToolEntry, ToolArguments, ToolPolicyContext, ValueTask<ToolOutcome?>> beforeCall, Func<IDisposable> onInvoke) => new()
    {
        Context = Context,
        Identity = Identity,
        DefaultTimeout = DefaultTimeout,
        Counts = Counts,
        Ask = ask,
        BeforeCall = beforeCall,
        OnInvoke = onInvoke,
    };

    public ToolCall Approved(ToolApprovalRequest request) => new()
    {
        Context = Context,
        Identity = Identity,
        DefaultTimeout = DefaultTimeout,
        Counts = Counts,
        Approval = request,
    };

    public static ToolCall Of(ChatOptions? options) => options.GetAgentContext() is { } context ? new ToolCall { Context = context } : None;
}
